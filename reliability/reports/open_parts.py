"""What advice tells of a finding: of an open one the criteria that keep it open, of a passed one what was judged."""

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


def judged_lines(one: FindingView) -> FindingView:
    """A finding with the lines of its results that were judged, if it passed and has such."""
    judged = tuple(line for line in one.lines if line.judged)
    return replace(one, lines=judged) if one.verdict == "pass" and judged else one
