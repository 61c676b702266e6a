"""Items that were answered or judged otherwise than before."""

from collections.abc import Iterator

from reliability.changes import AnswerChange, VerdictChange
from reliability.compare.cases import Case


def common_items(before: Case, after: Case) -> tuple[str, ...]:
    """Items of both checklists, in the order of the second."""
    return tuple(item for item in after.findings if item in before.findings)


def only_in(one: Case, other: Case) -> tuple[str, ...]:
    """Items of the first that the second does not have."""
    return tuple(item for item in one.findings if item not in other.findings)


def verdict_changes(before: Case, after: Case) -> Iterator[VerdictChange]:
    """Common items with another verdict, or another severity."""
    for item in common_items(before, after):
        one, other = before.findings[item], after.findings[item]
        if (one.verdict, one.severity) != (other.verdict, other.severity):
            yield VerdictChange(
                item=item, before=one.verdict, after=other.verdict,
                severity_before=one.severity, severity_after=other.severity,
            )  # fmt: skip


def answer_changes(before: Case, after: Case) -> Iterator[AnswerChange]:
    """Common items that were answered otherwise; whoever answered, when and with what evidence counts too."""
    for item in common_items(before, after):
        one, other = before.findings[item].answer, after.findings[item].answer
        if one != other:
            yield AnswerChange(item=item, before=one, after=other)
