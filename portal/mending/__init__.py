"""The board: what is to be mended, what is late, and by whom."""
