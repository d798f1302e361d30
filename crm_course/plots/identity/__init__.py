"""Figures on records and persons."""
