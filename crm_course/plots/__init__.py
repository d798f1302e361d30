"""Figures: one table in, one Axes out. ``plot_<noun>(table, ax=None) -> Axes``."""
