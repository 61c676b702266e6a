"""Screenings of the lender and of others, with who answered and when, as reports read them."""

import tempfile
from pathlib import Path

from reliability.screening.inputs import Inputs
from reliability.screening.screen import screen
from tests.screening.credit import CREDIT, IN_EU, PARTS, QUESTIONS, WRITES
from tests.screening.sheets import inputs

DAY = "2026-11-28"
# Everything that a screening can ask of a foreign operator of a large generative model, also in the EU.
EVERYTHING = {
    **CREDIT, **IN_EU, **WRITES, "realistic": True, "leaves_service": True, "operator": "foreign_without_office",
    "total_revenue": 2_000_000_000_000, "ai_revenue": 0, "daily_users": 0, "fined_before": False, "annex_i": True,
    "annex_iii": ("education", "credit"), "profiling": True, "reads_people": True, "model_origin": "own_large",
    "training_flop": 10**27, "frontier": True, "broad_risk": True, "general_purpose": True, "incidents": True,
    "final_decision": "human", "override_log": False, "appeal": False, "deployment": ("cloud_abroad",),
    "users": ("public",), "personal_data": ("training", "operation", "sensitive"), "data_sources": ("web",),
    "supports": ("credit", "hiring"), "protected_inputs": ("age", "family"),
}  # fmt: skip
CASES = {
    "likely": CREDIT,
    "candidate": {**CREDIT, "final_decision": "human", "override_log": True},
    "not_high_impact": {**CREDIT, "kr_domains": ("none",)},
    "parts": PARTS,
    "prohibited": {**CREDIT, **IN_EU, "practices": ("social_scoring",)},
    "out_of_scope": {"ai_system": False},
    "everything": EVERYTHING,
    "nothing": {},
    "unknown": dict.fromkeys((question.id for question in QUESTIONS.text.questions), "unknown"),
}


def screened(values=CREDIT, *, by="김서연", date="2026-11-20", because=None, **changes):
    """The record of answers with changes, given by one person on one day; where nobody answered, by nobody."""
    with tempfile.TemporaryDirectory() as folder:
        asked: Inputs = inputs(Path(folder), values, **changes)
        record = screen(asked, date=DAY)
    told = {"by": by, "date": date} | ({"because": because} if because else {})
    gaps = {one.question for one in record.open if one.code == "unanswered"}
    answers = tuple(one if one.question in gaps else one.model_copy(update=told) for one in record.answers)
    return record.model_copy(update={"answers": answers})


def named(record, *, organisation, system, purpose):
    """The record of another system."""
    return record.model_copy(
        update={
            "organisation": {"name": organisation},
            "system": {"name": system, "version": "1.0", "purpose": purpose},
        }
    )
