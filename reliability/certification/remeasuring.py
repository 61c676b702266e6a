"""Measuring again what was certified: the sealed plan on the submission, and what came out beside what was kept."""

import math
from pathlib import Path
from typing import Any

from reliability.certification.at_hand import Whole
from reliability.certification.drafting import Draft, draft_of
from reliability.certification.following import Told
from reliability.certification.planning import Plan, differences
from reliability.certification.testing import assessed
from reliability.certification.verdicts import Point, held, not_held
from reliability.errors import UsageError
from reliability.records import Assessment, Finding, canonical_json

CLOSE = 1e-9
_MOST_NAMED = 10


def remeasured(whole: Whole, told: Told, submission: Path, folder: Path) -> Point:
    """Whether the run that a certificate rests on comes out the same again; its case is left in a new folder.

    Raises
    ------
    UsageError
        If the register does not hold the certificate with its plan, or the run could not be made.
    """
    plan, kept = _kept(whole, told)
    other = differences(plan, _draft(plan, submission))
    if other:
        return not_held("rerun", "rerun_other_input", what=", ".join(other))
    return compared(kept, assessed(plan, submission, folder))


def compared(kept: Assessment, again: Assessment) -> Point:
    """Two runs beside one another: bit for bit on one platform, labels and values within 1e-9 on two."""
    same = kept.platform == again.platform and kept.software == again.software
    before, after = (
        {one.item: one for one in assessment.findings} for assessment in (kept, again)
    )  # fmt: skip
    items = sorted(
        item for item in before.keys() | after.keys() if not _alike(before.get(item), after.get(item), exact=same)
    )
    if items or kept.outcome != again.outcome:
        return not_held("rerun", "rerun_differs", n=len(items), items=", ".join(items[:_MOST_NAMED]) or "-")
    return held("rerun", "rerun_equal" if same else "rerun_close")


def _kept(whole: Whole, told: Told) -> tuple[Plan, Assessment]:
    if told.history is None or told.entered is None:
        raise UsageError(
            "rerun_without_plan",
            "--rerun needs the register, or a copy of it, with the sealed plan; name it with --register",
        )
    sequence = told.entered.sequence
    issue = next(one for one in told.history.of("issued") if one.row.sequence == sequence)
    tested = told.history.run(issue.body.run).body
    plan = Plan.model_validate_json(whole.file(tested.plan))
    return plan, Assessment.model_validate_json(whole.file(tested.assessment))


def _draft(plan: Plan, submission: Path) -> Draft:
    return draft_of(submission, plan.named)


def _alike(before: Finding | None, after: Finding | None, *, exact: bool) -> bool:
    if before is None or after is None:
        return False
    if exact:
        return canonical_json(before) == canonical_json(after)
    return _close(before.model_dump(mode="json"), after.model_dump(mode="json"))


def _close(before: Any, after: Any) -> bool:
    if isinstance(before, float) or isinstance(after, float):
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (before, after))
        return numbers and math.isclose(before, after, rel_tol=0.0, abs_tol=CLOSE)
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_close(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_close, before, after))
    return bool(before == after and type(before) is type(after))
