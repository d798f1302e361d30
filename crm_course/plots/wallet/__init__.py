"""Figures on share of wallet and cross-selling."""
