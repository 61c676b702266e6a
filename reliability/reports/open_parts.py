"""What of an open finding is told at length: the criteria that keep it open; the table of results has the others."""

from dataclasses import replace

from reliability.reports.figures import counted
from reliability.reports.finding_view import FindingView
from reliability.words.text import Words

SETTLED = ("pass", "reported")


def open_parts(one: FindingView, words: Words) -> FindingView:
    """A finding with its open criteria only, and how many others it has; whole where none of them is open."""
    kept = tuple(each for each in one.criteria if each.verdict not in SETTLED)
    settled = len(one.criteria) - len(kept)
    if not kept or not settled:
        return one
    return replace(one, criteria=kept, elsewhere=counted(words, "left.passed", settled))
