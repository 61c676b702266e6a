"""checklists/schemes/NAME.yaml: by which rules it is certified, for how long, and who may take part."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationError

from reliability import resources
from reliability.checklist.written import Id, Line, Written
from reliability.errors import ChecklistError, UsageError
from reliability.records import canonical_json
from reliability.yaml_lines import read_yaml

Gate: TypeAlias = Literal["CRT-01", "CRT-02", "CRT-03", "CRT-04", "CRT-05", "CRT-06"]
Origin: TypeAlias = Literal["evaluator_held", "witnessed", "pre_sealed"]
GATES: tuple[Gate, ...] = ("CRT-01", "CRT-02", "CRT-03", "CRT-04", "CRT-05", "CRT-06")
Months: TypeAlias = Annotated[int, Field(ge=1, le=120)]
Days: TypeAlias = Annotated[int, Field(ge=1, le=3660)]


class Wording(Written):
    """Text of several lines in both languages."""

    ko: Annotated[str, Field(min_length=1, max_length=4000)]
    en: Annotated[str, Field(min_length=1, max_length=4000)]


class Scheme(Written):
    """The rules of a scheme."""

    scheme: Id
    format: Literal[1]
    version: Line
    name: Wording
    title: Wording | None = None
    accreditation: Wording | None = None
    checklist: Line
    validity_months: Months
    surveillance_months: Months | None
    condition_days: Days
    status_max_age_days: Days
    evidence_years: Annotated[int, Field(ge=1, le=100)]
    consultancy: Literal["person", "organisation"]
    look_back_months: Months
    origins: Annotated[list[Origin], Field(min_length=1)]
    conditional: bool
    gates: Annotated[list[Gate], Field(min_length=1)]
    exclusions: list[Wording] = []
    agreement: Wording


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A scheme as it is used: its text, and the digest by which events name it."""

    text: Scheme
    sha256: str
    content: bytes

    @property
    def agreement_sha256(self) -> str:
        """The digest by which the applicant accepts the agreement, both languages of it."""
        return hashlib.sha256(canonical_json(self.text.agreement.model_dump())).hexdigest()


def names() -> tuple[str, ...]:
    """Names of the schemes that are shipped."""
    return tuple(sorted(path.stem for path in (resources.checklists() / "schemes").glob("*.yaml")))


def read_scheme(name: str) -> Rules:
    """A shipped scheme by its name, or one of your own by the path of its file.

    Raises
    ------
    UsageError
        If there is none of that name.
    ChecklistError
        If it cannot be used as it stands: file, line, what is wrong.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else resources.checklists() / "schemes" / f"{name}.yaml"
    if not path.is_file():
        raise UsageError(
            "scheme_unknown", "{name!r}: no such scheme; shipped are {known}; or name a file", name=name,
            known=", ".join(names()),
        )  # fmt: skip
    document = read_yaml(path, error=ChecklistError, name=path.name)
    try:
        text = Scheme.model_validate(document.data)
    except ValidationError as invalid:
        problem = invalid.errors(include_url=False)[0]
        raise ChecklistError(
            "scheme_file", "{where}: {key}: {problem}", where=document.where(*problem["loc"]),
            key=".".join(map(str, problem["loc"])) or "file", problem=problem["msg"],
        ) from None  # fmt: skip
    return rules_of(text)


def rules_of(text: Scheme) -> Rules:
    """A scheme with its digest."""
    content = canonical_json(text.model_dump())
    return Rules(text=text, sha256=hashlib.sha256(content).hexdigest(), content=content)


def rules_in(content: bytes) -> Rules:
    """A scheme as an event kept it."""
    return rules_of(Scheme.model_validate_json(content))


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of that month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    next_month = date(first.year + (first.month == 12), first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), next_month - timedelta(days=1))


def shown(wording: Wording | None) -> dict[str, Any] | None:
    """Both languages as a document's record has them."""
    return None if wording is None else wording.model_dump()
