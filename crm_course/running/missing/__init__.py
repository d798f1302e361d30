"""What a notebook goes without: which cells need what could not be made, and how that is told."""
