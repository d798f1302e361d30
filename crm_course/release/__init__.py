"""From an exercise and a roster to a packet for each trainee."""
