"""Submitted models, run in a confined process of their own."""
