"""What a checklist wants measured of this submission: criteria turned into calls of checks."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from reliability.blocks import Roles
from reliability.checklist.catalogue import Check, checks
from reliability.checklist.criteria import with_declared
from reliability.checklist.judge import because
from reliability.checklist.read import Item
from reliability.engine import SAMPLE_ROWS, TRAINING, Call
from reliability.evidence.near_digests import KEPT
from reliability.records import Criterion, Reason


@dataclass(frozen=True, kw_only=True)
class Available:
    """What this submission can give to a check."""

    roles: Roles
    training: bool
    model: bool
    failure: Reason | None = None


class _Part(NamedTuple):
    """Something that a submission may lack: the evidence that is made of it, and the reason to give."""

    kinds: frozenset[str]
    code: str
    there: Callable[[Available], bool]


_OF_SCORES = frozenset({"score_histogram", "class_score_histograms", "confidence_histogram", "log_moments"})
_NEEDED = (
    # The answers of a model that failed lack their scores too: then the failure is the reason.
    _Part(_OF_SCORES, "no_scores", lambda available: bool(available.roles.has_scores or available.failure)),
    _Part(frozenset({"group_strata"}), "no_strata", lambda available: bool(available.roles.strata)),
    _Part(frozenset({"paired_outcomes"}), "no_incumbent", lambda available: available.roles.incumbent),
    _Part(
        frozenset({"quasi_classes", "training_quasi_classes"}),
        "no_quasi_identifiers",
        lambda available: bool(available.roles.quasi_identifiers),
    ),
)

# Checks that take fewer rows of a file than its sample holds, and leave no option to say how many.
_MOST_ROWS = {
    "drift.concept_shift": 10_000,
    "drift.domain_classifier_auc": 5_000,
    "fairness.proxy_auc": 5_000,
    "leakage.near_overlap": KEPT,
}
_SAMPLES = ("sample", "probe")


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A criterion with the calls that measure it, or the reason why there are none."""

    criterion: Criterion
    calls: tuple[Call, ...] = ()
    lacking: Reason | None = None


def plan(
    items: tuple[Item, ...], available: Available, *, declared: Criterion | None, confidence: float
) -> Mapping[str, tuple[Planned, ...]]:
    """Calls for every criterion of the items, by item id."""
    return {
        item.id: tuple(
            planned(criterion, available, declared=declared, confidence=confidence) for criterion in item.criteria
        )
        for item in items
    }


def planned(criterion: Criterion, available: Available, *, declared: Criterion | None, confidence: float) -> Planned:
    """One criterion's calls: one for every grouping that its `by` names."""
    criterion = with_declared(criterion, declared)
    if criterion.check is None:
        return Planned(criterion=criterion, lacking=because("declared_nothing"))
    check = checks()[criterion.check]
    lacking = _lacking(check, available) or _no_grouping(criterion, check, available.roles)
    if lacking is not None:
        return Planned(criterion=criterion, lacking=lacking)
    options = tuple(sorted(criterion.with_.items()))
    calls = tuple(
        Call(check=check, options=options, by=by, confidence=confidence)
        for by in groupings(criterion.by, check, available.roles)
    )
    return Planned(criterion=criterion, calls=calls)


def groupings(by: Any, check: Check, roles: Roles) -> Iterator[tuple[str, ...]]:
    """The groupings of rows that `by` means; fairness checks compare the sensitive attributes by default."""
    by = by or ("sensitive" if check.compares else None)
    if by is None:
        yield ()
    elif by == "sensitive":
        yield from ((attribute,) for attribute in roles.sensitive)
    elif by == "sensitive_pairs":
        yield from combinations(roles.sensitive, 2)
    elif by == "segments":
        yield from ((segment,) for segment in roles.segments)
    else:
        yield tuple(by)


def _no_grouping(criterion: Criterion, check: Check, roles: Roles) -> Reason | None:
    known = {*roles.sensitive, *roles.segments}
    columns = [column for by in groupings(criterion.by, check, roles) for column in by]
    undeclared = [column for column in columns if column not in known]
    if undeclared:
        return because("no_segments", columns=undeclared)
    if columns or not (criterion.by or check.compares):
        return None
    code = {"sensitive_pairs": "no_pairs", "segments": "no_segments"}.get(str(criterion.by), "no_sensitive")
    return because(code)


def _lacking(check: Check, available: Available) -> Reason | None:
    if any(name.startswith(TRAINING) for name in check.evidence) and not available.training:
        return because("no_training_data")
    if any(name.endswith("entity_digests") for name in check.evidence) and not available.roles.clustered:
        return because("no_entity")
    if check.asks_the_model and not available.model:
        return because("no_model")
    needed = next(
        (part for part in _NEEDED if part.kinds.intersection(check.evidence) and not part.there(available)), None
    )
    return None if needed is None else because(needed.code)


def most_rows(criterion: Criterion, *, raised: bool = False) -> float:
    """Rows of a data file beyond which a criterion's check takes no more, however many there are.

    Parameters
    ----------
    criterion : Criterion
        With the options that its checklist sets.
    raised : bool, default False
        With `sample_size`, where the check has it, as high as it helps.

    Returns
    -------
    float
        Rows, at least 1; infinite where all rows count, 0 where no row of the file decides how much is tried.
    """
    check = checks().get(criterion.check or "")
    if check is None:
        return math.inf
    if "inputs" in check.options:
        return 0.0
    if check.name in _MOST_ROWS or not any(name.endswith(_SAMPLES) for name in check.evidence):
        return float(_MOST_ROWS.get(check.name, math.inf))
    option = check.options.get("sample_size")
    if option is None or raised:
        return float(SAMPLE_ROWS)
    return float(min(criterion.with_.get("sample_size", option.default), SAMPLE_ROWS))
