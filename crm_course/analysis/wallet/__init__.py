"""Share of wallet, goods that belong together, and whom to invite to what."""
