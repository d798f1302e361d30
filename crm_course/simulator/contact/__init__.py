"""Messages to customers, the loyalty programme, and the experiments with both."""
