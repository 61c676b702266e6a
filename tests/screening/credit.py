"""A lender's answers to the screening, and what others change in them."""

from reliability.screening.conclusions import conclude
from reliability.screening.questions import shipped_questions

QUESTIONS = shipped_questions()

# A small lender's scoring model: used in Korea only, by its own staff, who almost always follow it.
CREDIT = {
    "ai_system": True, "role": "builds_and_serves", "users": ("own_staff",), "operator": "korean", "eu_reach": False,
    "practices": ("none",), "supports": ("credit",), "affected": ("customers",), "about_people": True,
    "vulnerable": ("none",), "people_per_year": 1200, "kr_domains": ("individual_rights",), "harm": "serious",
    "reversible": "fully", "final_decision": "glance", "appeal": True, "personal_data": ("training", "operation"),
    "protected_inputs": ("age",), "data_sources": ("own",), "generates": False, "talks": False,
    "model_origin": "own_small", "third_parties": ("open_source",), "updates": "scheduled",
    "deployment": ("own_servers",), "sector_law": ("finance",), "incidents": False, "certificates": ("none",),
}  # fmt: skip
# Finds faulty parts in a factory; nobody is affected.
PARTS = {
    "ai_system": True, "role": "uses", "users": ("own_staff",), "operator": "korean", "eu_reach": False,
    "practices": ("none",), "supports": ("quality",), "affected": ("nobody",), "kr_domains": ("none",),
    "personal_data": ("none",), "data_sources": ("own",), "generates": False, "talks": False,
    "model_origin": "own_small", "third_parties": ("open_source",), "updates": "fixed", "deployment": ("devices",),
    "sector_law": ("none",), "incidents": False, "certificates": ("none",),
}  # fmt: skip
# What the questions on the European Union add, where the system is offered there.
IN_EU = {"eu_reach": True, "annex_i": False, "annex_iii": ("none",), "reads_people": False}
LISTED = {**IN_EU, "annex_iii": ("credit",), "profiling": True}
NARROW = {**LISTED, "profiling": False, "narrow_task": "preparatory", "influences_outcome": False}
# A chatbot for customers.
WRITES = {
    "generates": True, "realistic": False, "leaves_service": False, "output_exception": "none", "talks": True,
}  # fmt: skip


def answers(base=CREDIT, /, *more, **changes):
    """Answers with changes; a change to None takes an answer away."""
    together = dict(base)
    for each in (*more, changes):
        together.update(each)
    return {question: value for question, value in together.items() if value is not None}


def concluded(base=CREDIT, /, *more, stated=None, **changes):
    """What follows from answers."""
    return conclude(QUESTIONS, answers(base, *more, **changes), stated or {})
