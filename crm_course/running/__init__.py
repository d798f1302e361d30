"""Executing chapters: parameters, the papermill engine, the page that a run becomes."""
