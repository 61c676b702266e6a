"""The worst case that documents must survive: 200 items, 40 groups, long names, every verdict, hostile text."""

from __future__ import annotations

from datetime import date
from typing import Any

from reliability.records import (
    WORST_FIRST,
    Answer,
    Assessment,
    CriterionResult,
    EvidenceFile,
    Finding,
    Measurement,
    NotTested,
    Reason,
    Verdict,
)
from reliability.reports.document import Amendment, DocumentRecord, Issuer, Signatory
from tests.reports.sample import assessment, compared, measured, result, subject, unmeasured

VERDICTS: tuple[Verdict, ...] = (*WORST_FIRST, "reported", "not_applicable")
MARKUP = '<link rel=attachment href="file:///etc/hostname"><script>alert(1)</script>{{ 7*7 }}</style>"\'&amp;\x00\u202e'
EMOJI = "🙂🇰🇷👩\N{ZERO WIDTH JOINER}👧\N{VARIATION SELECTOR-16}"
SCRIPTS = "漢字 信賴性 עברית العربية ελληνικά ไทย देवनागरी \N{WORD JOINER}\N{SOFT HYPHEN}\N{ZERO WIDTH NO-BREAK SPACE}"
HOSTILE = f"{MARKUP} {EMOJI} {SCRIPTS}"
ITEMS, GROUPS = 200, 40


def long_name(place: int) -> str:
    """A name of 80 characters without a space: Korean, then marks, then a number."""
    return f"{'가나다라마바사아자차' * 7}<b>🙂{place:03}"[:77] + f"{place:03}"


def groups() -> list[tuple[str | None, float, float, float, int]]:
    """Forty groups, the last ones too small to show."""
    sizes = [1000 - 25 * place for place in range(GROUPS - 3)] + [29, 4, 1]
    return [
        (long_name(place), 0.2 + place / 100, 0.1 + place / 100, 0.3 + place / 100, n) for place, n in enumerate(sizes)
    ]


def sliced(place: int) -> tuple[Measurement, ...]:
    """A check measured group by group."""
    fields = {"by": (HOSTILE,), "confidence": 0.95}
    return tuple(
        measured("performance.accuracy", (value, low, high), n=n).model_copy(
            update=fields | {"slice": {HOSTILE: name}, "of": long_name(place) if place % 2 else None}
        )
        for name, value, low, high, n in groups()
    )


def criteria(place: int, verdict: Verdict) -> tuple[CriterionResult, ...]:
    """What an item was measured by, in turn: groups compared, a number, no number, many slices."""
    source = {"source": HOSTILE, "at_least": 0.8}
    ratio = compared("fairness.selection_rate_ratio", long_name(0), (0.6, 0.5, 0.7), groups(), "ratio")
    ways = (
        (result(verdict, ratio, **source),),
        (result(verdict, measured("performance.roc_auc", (0.7, 0.6, 0.8), "auc"), **source),),
        (result(verdict, unmeasured("leakage.training_overlap", "no_training_data"), **source),),
        (result(verdict, sliced(place)[0], **source).model_copy(update={"measurements": sliced(place)}),),
    )
    return ways[place % len(ways)]


def answer(place: int) -> Answer:
    """An answer whose every field is hostile."""
    word = ("met", "partly", "not_met", "not_applicable")[place % 4]
    evidence = tuple(EvidenceFile(path=f"evidence/{HOSTILE}/{n}", sha256="ab" * 32) for n in range(3))
    note = f"{HOSTILE} " * (60 if place % 50 == 1 else 1)
    return Answer(answer=word, by=HOSTILE, date=HOSTILE, note=note, evidence=evidence, checked_by=long_name(place))


def finding(place: int) -> Finding:
    """The finding of one item; items and verdicts go round at different paces, so that every pair occurs."""
    verdict = VERDICTS[place % len(VERDICTS)]
    severity = ("critical", "major", "minor")[place % 3]
    fields: dict[str, Any] = {"item": f"S{place // 20}-{place:03}", "severity": severity, "verdict": verdict}
    if place % 2:
        given = None if verdict == "not_assessed" else answer(place)
        return Finding(**fields, answer=given, reasons=(Reason(code="answer_missing"),) if given is None else ())
    return Finding(**fields, criteria=criteria(place // 2, verdict))


def item(place: int) -> dict[str, Any]:
    """An item of the checklist; every tenth requirement is longer than a page."""
    text = f"{long_name(place)} {HOSTILE} " * (40 if place % 60 == 0 else 1)
    both = {"ko": text, "en": text}
    entry = {"id": f"S{place // 20}-{place:03}", "title": both if place % 3 else None, "requirement": both}
    entry |= {"severity": "major", "references": [HOSTILE, "TTA-09"], "remedy": both}
    return {key: value for key, value in entry.items() if value} | (
        {"ask": both, "evidence": both} if place % 2 else {}
    )


def worst(**changes: Any) -> Assessment:
    """The worst assessment, with some of its fields changed."""
    record = assessment()
    sections = [
        {
            "id": f"S{number}",
            "title": {"ko": HOSTILE, "en": long_name(number)},
            "items": [item(place) for place in places],
        }
        for number, places in enumerate(range(first, first + 20) for first in range(0, ITEMS, 20))
    ]  # fmt: skip
    content = record.checklist.content | {"title": {"ko": HOSTILE, "en": HOSTILE}, "sections": sections}
    about = subject(HOSTILE)
    named = about.system | {"name": long_name(1), "version": HOSTILE, "purpose": f"{HOSTILE} " * 10}
    fields: dict[str, Any] = {
        "checklist": record.checklist.model_copy(update={"content": content}),
        "findings": tuple(finding(place) for place in range(ITEMS)),
        "subject": about.model_copy(update={"system": named}),
        "not_tested": tuple(NotTested(what=f"{HOSTILE}{n}", code="no_segments") for n in range(10)),
        "software": record.software | {HOSTILE: HOSTILE},
        "platform": HOSTILE,
    }
    return assessment(**(fields | changes))


def worst_document(kind: Any, **changes: Any) -> DocumentRecord:
    """A document record whose every field is hostile."""
    signatories = tuple(Signatory(name=HOSTILE, role=HOSTILE) for _ in range(3))
    issuer = Issuer(name=HOSTILE, address=HOSTILE, place=HOSTILE, signatories=signatories)
    fields: dict[str, Any] = {
        "issuer": issuer,
        "number": HOSTILE,
        "issued": date(2026, 11, 20),
        "amends": Amendment(number=HOSTILE, reason=HOSTILE),
        "deviations": (HOSTILE,) * 3,
        "opinions": (HOSTILE,) * 3,
    }
    return DocumentRecord(kind=kind, **(fields | changes))
