"""What projects there are: their types, languages and sizes, counted as they change."""
