"""The pages of a long list: what they have in common, whatever is listed."""
