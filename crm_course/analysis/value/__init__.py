"""What customers are worth: purchase and spend models, seasons, forecasts, life cycle, credit."""
