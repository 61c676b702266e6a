"""What a submission says of itself, as the process of its own finds it: a submission in, a draft as JSON out."""

import sys
from pathlib import Path
from typing import Any

from reliability.certification.drafting import Draft, Needs
from reliability.checklist.finding import applies
from reliability.checklist.read import Checklist, read_checklist
from reliability.errors import ReliabilityError
from reliability.questionnaire.questions import truths
from reliability.records import Json, canonical_json
from reliability.smallest_n import smallest_n
from reliability.submission.read import Submission
from reliability.worker.handing_in import handed_in


def drafted(path: Path, checklist: str, *, needs: bool = True) -> Draft:
    """The draft of a submission, read here; how many rows it takes only where that is asked for.

    Raises
    ------
    ReliabilityError
        Whatever is wrong with submission or checklist.
    """
    chosen = read_checklist(checklist)
    submission = handed_in(path)
    model = submission.model
    return Draft(
        organisation=submission.manifest.organisation.model_dump(mode="json", exclude_none=True),
        system=submission.manifest.system.model_dump(mode="json", exclude_none=True),
        task=submission.roles.task,
        manifest=submission.manifest_sha256,
        model={"format": model.format, "sha256": model.sha256} if model else None,
        evaluation=_identity(submission.evaluation),
        training=_identity(submission.training) if submission.training else None,
        checklist={"id": chosen.id, "version": chosen.version, "sha256": chosen.sha256},
        confidence=chosen.decision.confidence,
        needs=_needs(chosen, submission) if needs else (),
    )


def _identity(data: Any) -> dict[str, Json]:
    return {"path": data.path, "sha256": data.sha256, "rows": data.rows, "origin": data.origin}


def _needs(checklist: Checklist, submission: Submission) -> tuple[Needs, ...]:
    confidence, known = checklist.decision.confidence, truths(submission)
    return tuple(
        Needs(
            item=item.id, check=one.criterion.check, by=one.by, rule=one.criterion.rule, n=one.n, best=one.best,
            likely=one.likely, enough=one.enough, why=one.why,
            limit=one.criterion.model_dump(mode="json", include=_LIMITS, exclude_none=True),
        )
        for item in checklist.items
        if applies(item, known)
        for criterion in item.criteria
        if not criterion.report
        for one in smallest_n(criterion, submission, confidence=confidence)
    )  # fmt: skip


_LIMITS = {"at_least", "at_most", "between", "equals"}
_WIDEST = 1 << 53  # from there on, JSON keeps no whole number


def plain(value: object) -> Json:
    """A value of an error as another process reads it: a number stays one, for words may say how it is written."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _WIDEST:
        return value
    return str(value)


def main() -> None:
    """Describe the submission that is named, for the process that asked."""
    path, checklist, *further = sys.argv[1:]
    try:
        said: Any = drafted(Path(path), checklist, needs=bool(further))
    except ReliabilityError as error:
        told = {key: plain(value) for key, value in error.values.items()}
        said = {"error": error.code, "line": str(error), "values": told}
    sys.stdout.buffer.write(canonical_json(said))


if __name__ == "__main__":
    main()
