"""Advice and a filled-in register that documents must survive: every remedy, long names, hostile text, many groups."""

from __future__ import annotations

import hashlib

from reliability.advice import (
    Advice,
    ColumnToRepair,
    Confirmed,
    Decisions,
    Effect,
    FindingAdvice,
    GroupDecisions,
    NumberChange,
    Point,
    RemedyTried,
    RowsNeeded,
    Why,
)
from reliability.records import Assessment, Finding, Measurement, canonical_json
from reliability.reports.consultation import Consultation
from reliability.reports.risk_entries import Entries, Entry, OwnRisk
from tests.reports.advised import advice, gain
from tests.reports.worst import HOSTILE, long_name

REMEDIES, GROUPS = 5, 40
LONG = f"{HOSTILE} " * 12


def remedies() -> tuple[RemedyTried, ...]:
    columns = [long_name(place) for place in range(30)]
    tried = tuple(
        RemedyTried(
            id=f"R{n}", name="without_columns", acts_on="model", effort=2, state="confirmed",
            options={"columns": columns}, cautions=(HOSTILE, "randomised", "attribute_in_training"),
        )
        for n in range(1, REMEDIES + 1)
    )  # fmt: skip
    failed = tuple(
        RemedyTried(
            id=f"F{n}", name="reweighing", acts_on="model", effort=2, state="not_tried",
            options={"attributes": [HOSTILE]}, why=Why(code="refit_raised", **{"with": {"message": f"{n} {LONG}"}}),
        )
        for n in range(9)
    )  # fmt: skip
    return tried + failed


def number(value: float) -> Measurement:
    return Measurement(
        check="fairness.selection_rate_ratio", by=(long_name(0),), value=value, low=value - 0.1, high=value + 0.05,
        confidence=0.99, n=900, unit="ratio",
    )  # fmt: skip


def confirmed(n: int) -> Confirmed:
    levels = [None, *(long_name(place) for place in range(GROUPS))]
    groups = tuple(
        GroupDecisions(by=(HOSTILE,), slice={HOSTILE: level}, n=place, to_favourable=1, from_favourable=0)
        for place, level in enumerate(levels)
    )
    effects = tuple(
        Effect(item=f"S{place}-{place:03}", severity="major", before="pass", after="conditional_fail")
        for place in range(40)
    )
    moved = NumberChange(
        criterion=0, assessed=number(0.7), before=number(0.6), after=number(0.9), gain=gain(0.3, 0.1, 0.5)
    )
    return Confirmed(
        remedy=f"R{n}", rank=n, confidence=0.99, verdict_before="fail", verdict_after="conditional_fail",
        numbers=(moved,) * 9, effects=effects, not_measured=(HOSTILE,) * 9,
        decisions=Decisions(n=900, changed=99, to_favourable=60, from_favourable=39, groups=groups),
    )  # fmt: skip


def of_finding(found: Finding) -> FindingAdvice:
    leading = {"criterion": 0, "check": "fairness.selection_rate_ratio", "by": [long_name(0)], "slice": {}, "of": None}
    points = tuple(
        Point(remedy=None if n == 0 else f"R{n}", performance=number(0.7), number=number(0.6))
        for n in range(REMEDIES + 1)
    )
    return FindingAdvice(
        item=found.item, severity=found.severity, verdict=found.verdict, leading=leading,
        applicable=tuple(one.id for one in remedies()), confirmed=tuple(map(confirmed, range(1, REMEDIES + 1))),
        trade_off=points, labels_may_be_biased=True,
        columns=tuple(ColumnToRepair(column=HOSTILE, cells=9, value=0.5) for _ in range(9)),
        rows_needed=(RowsNeeded(criterion=0, check=HOSTILE, by=(HOSTILE,), now=9, needed=99, power=0.8),) * 9,
    )  # fmt: skip


def worst_advice(record: Assessment) -> Advice:
    """Advice on every finding of the record that is no pass."""
    told = advice(remedies=remedies(), by=LONG, findings=tuple(
        of_finding(one) for one in record.findings if one.verdict not in ("pass", "reported", "not_applicable")
    ))  # fmt: skip
    digest = hashlib.sha256(canonical_json(record)).hexdigest()
    return told.model_copy(update={"case": told.case.model_copy(update={"sha256": digest})})


def worst_given(record: Assessment) -> Consultation:
    """The advice, and a register that is full to its last field."""
    entry = Entry(treatment=LONG, owner=LONG, effort=LONG, due=LONG, residual=LONG, note=LONG)
    own = tuple(
        OwnRisk(item=long_name(n), title=LONG, hazard=LONG, severity="critical", likelihood="confirmed", entry=entry)
        for n in range(60)
    )
    by_item = {one.item: entry for one in record.findings}
    return Consultation(
        advice=worst_advice(record), entries=Entries(by_item=by_item, own=own, name=HOSTILE, sha256="ab" * 32)
    )
