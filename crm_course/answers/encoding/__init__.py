"""Answers as plain JSON: what a notebook hands in, and how the grader reads it."""
