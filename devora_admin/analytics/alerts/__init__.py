"""Rules that watch numbers, and tell staff when one of them is not as it should be."""
