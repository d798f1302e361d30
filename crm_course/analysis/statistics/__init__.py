"""What several subjects share: intervals, rates, shrinkage, ridge regression."""
