"""Why no certificate can rest on an assessment, whatever its outcome: read off the record alone."""

from collections.abc import Iterator, Mapping

from reliability.records import Assessment, DataIdentity, Json, ModelIdentity, Reason

# Levels of isolation that keep a process from files and the network, and filter its calls.
STRONG_LEVELS = frozenset({"bubblewrap", "landlock", "docker", "podman"})
# The closed list, in the order in which they are told.
OBSTACLES = (
    "predictions_handed_in", "not_run_here", "endpoint_not_witnessed", "isolation_weak", "intake_unknown",
    "intake_weak",
)  # fmt: skip


def obstacles(assessment: Assessment) -> tuple[Reason, ...]:
    """Why nothing can be certified on this assessment, each with a code of OBSTACLES; empty where nothing forbids it.

    What the findings say is another matter: an assessment without obstacles may still not conform.
    """
    model, data = assessment.subject.model, assessment.data.evaluation
    return tuple(Reason(code=code) for code in (*_of_model(model, data), *_of_intake(assessment)))


def is_strong(isolation: Mapping[str, Json]) -> bool:
    """Whether a process was kept apart at a strong level, and every attempt to break out was refused."""
    attempts = isolation.get("probe")
    refused = isinstance(attempts, dict) and bool(attempts) and set(map(str, attempts.values())) == {"refused"}
    return str(isolation.get("level")) in STRONG_LEVELS and refused


def _of_model(model: ModelIdentity | None, data: DataIdentity) -> Iterator[str]:
    if model is None:
        yield "predictions_handed_in"
        return
    if "level" not in model.isolation:  # it never came to be asked
        yield "not_run_here"
        return
    # What answers at an endpoint is run by the applicant: only somebody who was there knows what was asked.
    if model.format == "endpoint" and data.origin != "witnessed":
        yield "endpoint_not_witnessed"
    if not is_strong(model.isolation):
        yield "isolation_weak"


def _of_intake(assessment: Assessment) -> Iterator[str]:
    if assessment.intake is None:
        yield "intake_unknown"
    elif not is_strong(assessment.intake.isolation):
        yield "intake_weak"
