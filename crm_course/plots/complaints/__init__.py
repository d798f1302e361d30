"""Figures on complaints."""
