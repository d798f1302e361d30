"""What a store is: the schemas of its tables, opening, checking, writing and importing it."""
