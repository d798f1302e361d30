"""What must hold in a store beyond each value by itself, and the search for what does not."""
