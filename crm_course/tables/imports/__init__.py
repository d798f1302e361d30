"""From a real export to the rows of a store: reading, judging, hiding, building."""
