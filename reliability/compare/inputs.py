"""What went in and is not as before: files, columns, facts, versions, and what the checklist asks."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from reliability.changes import ChecklistChange, InputChange, What
from reliability.checklist.difference import Change, difference
from reliability.compare.cases import Case
from reliability.records import Assessment, DataIdentity

_Named: TypeAlias = Mapping[str, Any]


def input_changes(before: Case, after: Case) -> tuple[InputChange, ...]:
    """Every input that differs: what was handed in first, then how it was run."""
    one, other = before.assessment, after.assessment
    changes = chain.from_iterable(_between(what, part(one), part(other)) for what, part in _PARTS.items())
    columns = chain.from_iterable(_of_columns(name, one, other) for name in ("evaluation", "training"))
    return (*changes, *columns)


def checklist_changes(before: Case, after: Case) -> tuple[ChecklistChange, ...]:
    """What the second checklist asks otherwise than the first."""
    if before.assessment.checklist.sha256 == after.assessment.checklist.sha256:
        return ()
    return tuple(_recorded(change) for change in difference(before.checklist, after.checklist).changes)


def _recorded(change: Change) -> ChecklistChange:
    return ChecklistChange.model_validate(change.record())


def _between(what: What, before: _Named, after: _Named) -> Iterator[InputChange]:
    """Parts that differ, in the order in which they stand; one that is not there is null."""
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield InputChange(what=what, name=name, before=before.get(name), after=after.get(name))


def _data(data: DataIdentity | None) -> _Named:
    if data is None:
        return {}
    return {"path": data.path, "sha256": data.sha256, "rows": data.rows, "origin": data.origin}


def _model(one: Assessment) -> _Named:
    model = one.subject.model
    return {} if model is None else {"format": model.format, "sha256": model.sha256}


def _isolation(one: Assessment) -> _Named:
    """How the model was kept apart; of libraries, limits and attempts every one by itself. Then how the files were."""
    model, intake = one.subject.model, one.intake
    told: dict[str, Any] = {}
    for name, value in ({} if model is None else model.isolation).items():
        told |= {f"{name}.{inner}": part for inner, part in value.items()} if isinstance(value, dict) else {name: value}
    return told | ({} if intake is None else {"intake": intake.isolation.get("level")})


def _manifest(one: Assessment) -> _Named:
    """The manifest and the declared population; of answers there is more to tell."""
    population: _Named = one.manifest.get("population") or {}
    told = {name: value for name, value in one.manifest.items() if not isinstance(value, dict)}
    archive = one.intake.archive if one.intake else None
    told |= {} if archive is None else {"archive": archive.sha256}
    return told | {f"population.{name}": value for name, value in population.items()}


def _answers(one: Assessment) -> _Named:
    answers: _Named = one.manifest.get("answers") or {}
    return answers


def _checklist(one: Assessment) -> _Named:
    used = one.checklist
    return {"id": used.id, "version": used.version, "sha256": used.sha256}


def _not_tested(one: Assessment) -> _Named:
    return {each.what: each.code for each in one.not_tested}


_PARTS: Mapping[What, Callable[[Assessment], _Named]] = {
    "organisation": lambda one: one.subject.organisation,
    "system": lambda one: one.subject.system,
    "task": lambda one: {"": one.subject.task},
    "fact": lambda one: one.subject.facts,
    "screening": lambda one: one.subject.screening or {},
    "model": _model,
    "isolation": _isolation,
    "evaluation": lambda one: _data(one.data.evaluation),
    "training": lambda one: _data(one.data.training),
    "manifest": _manifest,
    "answers": _answers,
    "checklist": _checklist,
    "software": lambda one: one.software,
    "platform": lambda one: {"": one.platform},
    "seed": lambda one: {"": one.seed},
    "not_tested": _not_tested,
}


def _of_columns(name: str, one: Assessment, other: Assessment) -> Iterator[InputChange]:
    before, after = (_columns(getattr(each.data, name)) for each in (one, other))
    if before and after:  # a data set that is new or gone is told by its digest
        what: What = "evaluation_column" if name == "evaluation" else "training_column"
        yield from _between(what, before, after)


def _columns(data: DataIdentity | None) -> _Named:
    if data is None:
        return {}
    return {
        str(column.get("name", "")): {key: value for key, value in column.items() if key != "name"}
        for column in data.columns
    }
