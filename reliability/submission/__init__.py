"""A folder handed in, read without running anything of it."""
