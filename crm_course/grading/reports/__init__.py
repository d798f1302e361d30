"""Reports: what the grader found, as blocks that the notebooks in ``notebooks/reports`` show."""
