"""Figures of reports: marks, and answers drawn again."""
