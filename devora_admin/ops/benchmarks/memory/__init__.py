"""How well and how fast memory is searched."""
