"""Surveys: how satisfied customers are, what they say of it, and what they spend elsewhere."""
