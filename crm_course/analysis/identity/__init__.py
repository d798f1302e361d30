"""Which records are one person: standard forms, linkage, its quality, and deletion."""
