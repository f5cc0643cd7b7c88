"""From what MongoDB holds to the pieces that memory keeps. Pure: no store, no clock."""
