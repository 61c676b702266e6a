"""Rows of the data files that were handed in, in all and by group: what advice on more rows is told in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reliability.checklist.catalogue import checks
from reliability.records import Assessment, Json, Measurement
from reliability.reports.withheld import Group, group_key

# Their intervals speak of evaluation rows alone: what was learned from the training rows is taken as it came out.
_TAUGHT = frozenset({"drift.concept_shift", "performance.better_than_linear_model"})
_TRAINING = "training_"


@dataclass(frozen=True, kw_only=True)
class FileRows:
    """How many rows the files of a case hold, as far as its record says.

    Attributes
    ----------
    evaluation, training : int or None
        Rows in all; None where that is not known, or there is no such file.
    groups : mapping of group to int
        Evaluation rows of every group that some measurement counted in full.
    """

    evaluation: int | None = None
    training: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)

    @classmethod
    def of(cls, assessment: Assessment) -> "FileRows":
        """What the record of a case says."""
        rows, training = assessment.data.evaluation.rows, assessment.data.training
        every = (
            found for one in assessment.findings for result in one.criteria for found in result.measurements
        )  # fmt: skip
        return cls(
            evaluation=rows,
            training=training.rows if training is not None else None,
            groups=dict(_counted(every, rows)),
        )

    def seen_by(self, found: Measurement) -> int:
        """Rows of the file, or of the group that a measurement is of, that it had before it took or counted some."""
        if found.slice:
            return int(found.details.get("rows", found.n))
        return int(self.evaluation or found.details.get("of_n") or found.n)

    def beside(self, found: Measurement) -> int | None:
        """Training rows, where they have to grow with the evaluation rows; else None."""
        return self.training if not found.slice and rests_on_training(found.check) else None

    def of_group(self, where: Mapping[str, Json]) -> int | None:
        """Evaluation rows of a group; None where no measurement counted them all."""
        return self.groups.get(group_key(where))


def rests_on_training(check: str) -> bool:
    """Whether the interval of a check narrows only if the training rows grow too."""
    known = checks().get(check)
    if known is None or check in _TAUGHT:
        return False
    return any(name.startswith(_TRAINING) for name in known.evidence)


def _counted(every: Iterable[Measurement], rows: int) -> Iterator[tuple[Group, int]]:
    """Groups with their rows, of measurements that count every row of the file in one of them."""
    for found in every:
        groups = found.details.get("groups") or ()
        sized = all("slice" in one and isinstance(one.get("n"), int) for one in groups)
        if groups and sized and not found.slice and sum(one["n"] for one in groups) == rows:
            yield from ((group_key(one["slice"]), one["n"]) for one in groups)
