"""What the shop writes down of a chunk of customers, and the truth behind it: tables made from their lives."""
