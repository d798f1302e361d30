"""Complaints: who makes them, about what, how many for what was sold, and what to do first."""
