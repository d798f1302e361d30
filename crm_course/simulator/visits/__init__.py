"""When customers come, what they come across, what they buy and how it is handed over."""
