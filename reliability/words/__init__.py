"""The fixed words, Korean and English."""
