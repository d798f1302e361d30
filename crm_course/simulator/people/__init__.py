"""Customers: who they are, what they agreed to, how they take letters and service."""
