"""Every fact of the list as far as the submission alone tells it: stated, derived from its data, or unknown."""

from collections.abc import Mapping
from typing import Any

from reliability import facts
from reliability.submission.read import Submission


def known_facts(submission: Submission, *, has_scores: bool | None) -> dict[str, dict[str, Any]]:
    """Every fact with its value (null is unknown), where it comes from, and the reason stated.

    Whether the model puts out probabilities is known only once it was asked: `has_scores` says so.
    """
    roles = submission.roles
    derived: Mapping[str, bool | None] = {
        "labels_available": True,
        "outputs_probability": has_scores,
        "two_or_more_sensitive": len(roles.sensitive) > 1,
        "training_members_available": submission.training is not None,
        "classification": roles.task != "regression",
        "regression": roles.task == "regression",
        "monotone_declared": bool(roles.monotone),
        "population_declared": bool(roles.population),
        "time_declared": roles.time is not None,
        "dependencies_declared": bool(roles.dependencies),
        "periods_declared": roles.periods is not None,
    }
    stated = submission.stated_facts
    known: dict[str, dict[str, Any]] = {}
    for name, fact in facts.FACTS.items():
        value = derived.get(name) if fact.origin == "data" else None
        known[name] = {"value": value, "origin": fact.origin, "because": None, **stated.get(name, {})}
    return known
