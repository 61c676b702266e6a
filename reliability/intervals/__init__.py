"""Confidence intervals that every check shares; none of them is narrower than what it claims to cover."""
