"""Measures submitted AI models against checklists and writes documents people sign."""
