"""The file that an analyst has: its sheets, letters, columns, numbers, and the mapping that names them."""
