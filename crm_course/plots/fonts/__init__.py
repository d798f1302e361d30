"""The font that travels with the course, its licence, and how it is made."""
