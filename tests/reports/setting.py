"""A page set in this process, for what need not be set apart."""

import warnings

import pytest


def set_here(page, **options):
    """The page as our PDF."""
    made = pytest.importorskip("reliability.reports.pdf", reason="needs Pango", exc_type=OSError)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves its file of colours open
        return made.write_pdf(page, identifier=bytes(range(16)), **options)
