"""Visits that look around before they buy: what they come across, and what that does to them."""
