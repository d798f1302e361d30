"""Messages to customers and the experiments with them, drawn before anybody visits."""
