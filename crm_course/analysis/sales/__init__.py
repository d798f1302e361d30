"""Orders and their lines as amounts; recency, frequency and monetary value."""
