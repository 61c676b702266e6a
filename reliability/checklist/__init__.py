"""Checklists: read, judged, summed up to an outcome."""
