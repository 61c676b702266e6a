"""Whether groups of people are treated alike."""
