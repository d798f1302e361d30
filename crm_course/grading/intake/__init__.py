"""What was handed in: unpacked, matched to its owner, read."""
