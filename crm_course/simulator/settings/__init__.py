"""What a scenario and a policy can say, read from TOML."""
