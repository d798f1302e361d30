"""The synthetic store: shops, customers, what they buy, and the truth behind it."""
