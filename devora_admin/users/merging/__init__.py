"""Two accounts of one person become one: looked at first, switched at once, moved in batches."""
