"""Making what is handed out: notebooks built from their source."""
