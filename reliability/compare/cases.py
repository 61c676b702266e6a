"""A case as a comparison takes it: its record, and its rows where they are there."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reliability.case import ROWS
from reliability.changes import CaseIdentity
from reliability.checklist.read import Checklist, Item
from reliability.checklist.written import Answers, Bars, Decision
from reliability.records import Assessment, Criterion, Finding, Json, canonical_json


@dataclass(frozen=True, kw_only=True)
class Case:
    """An assessment, and the file of its rows: None where it is not there."""

    assessment: Assessment
    rows: Path | None = None

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """Its findings by item."""
        return {finding.item: finding for finding in self.assessment.findings}

    @cached_property
    def checklist(self) -> Checklist:
        """The checklist that it was assessed by, from the record."""
        used = self.assessment.checklist
        content = used.content
        items = (_item(section["id"], item) for section in content["sections"] for item in section["items"])
        return Checklist(
            id=used.id, version=used.version, title=content["title"], sha256=used.sha256, content=content,
            decision=Decision.model_validate(content["decision"]), outcome=Bars.model_validate(content["outcome"]),
            items=tuple(items),
        )  # fmt: skip

    @property
    def clustered(self) -> bool:
        """Whether rows belong together by entity."""
        return any(column.get("role") == "entity" for column in self.assessment.data.evaluation.columns)

    @property
    def target(self) -> str:
        """The column whose values are predicted."""
        columns = self.assessment.data.evaluation.columns
        return next((str(column["name"]) for column in columns if column.get("role") == "target"), "")

    def identity(self) -> CaseIdentity:
        """What a comparison says of it."""
        one = self.assessment
        return CaseIdentity(
            sha256=hashlib.sha256(canonical_json(one)).hexdigest(),
            organisation=str(one.subject.organisation.get("name", "")),
            system=str(one.subject.system.get("name", "")),
            version=str(one.subject.system.get("version", "")),
            finished=one.dates.finished,
            checklist=one.checklist.id,
            checklist_version=one.checklist.version,
            checklist_title=one.checklist.content["title"],
            rows=one.data.evaluation.rows,
            evaluation_sha256=one.data.evaluation.sha256,
            seed=one.seed,
            outcome=one.outcome,
        )


def case_of(assessment: Assessment, path: Path) -> Case:
    """The case at a path, a folder or its record, whose assessment was read already."""
    rows = (path if path.is_dir() else path.parent) / ROWS
    return Case(assessment=assessment, rows=rows if rows.is_file() else None)


def _item(section: str, content: dict[str, Json]) -> Item:
    answers = content.get("answers")
    return Item(
        id=content["id"], section=section, title=content.get("title"), requirement=content["requirement"],
        severity=content["severity"], ask=content.get("ask"), evidence=content.get("evidence"),
        criteria=tuple(Criterion.model_validate(one) for one in content.get("criteria", ())),
        answers=None if answers is None else Answers.model_validate(answers),
        escalate=content.get("escalate", {}), bar=content.get("bar"), when=content.get("when"),
        references=tuple(content.get("references", ())), remedy=content.get("remedy"),
    )  # fmt: skip
