"""An exercise as its author writes it: the notebook, what is cut out of it, its mistakes, its key, its fairness."""
