"""Figures on customer value."""
