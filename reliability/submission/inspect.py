"""What a submission holds, as `reliability inspect` prints it; nothing of it is run."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from reliability.blocks import Roles
from reliability.formats.describe import describe as describe_file
from reliability.formats.endpoint import describe_endpoint
from reliability.records import Answer
from reliability.submission.data_file import DataFile
from reliability.submission.parts import Attribute
from reliability.submission.read import Submission


def describe(submission: Submission, *, head: Callable[[str, Path], dict[str, Any]] = describe_file) -> dict[str, Any]:
    """The submission as plain values that JSON can hold; `head` reads what a model file says of itself."""
    manifest = submission.manifest
    return {
        "manifest": {"path": submission.manifest_path.name, "sha256": submission.manifest_sha256},
        "organisation": manifest.organisation.model_dump(mode="json", exclude_none=True),
        "system": manifest.system.model_dump(mode="json", exclude_none=True),
        "task": manifest.task,
        "facts": submission.stated_facts,
        "labels": _labels(submission.roles),
        "sensitive": _groupings(submission.evaluation.parts.sensitive),
        "segments": list(submission.roles.segments),
        "strata": _groupings(submission.evaluation.parts.strata),
        "incumbent": submission.evaluation.parts.incumbent,
        "spelt_alike": [{"column": name, "values": list(values)} for name, values in submission.spelt_alike],
        "features": list(submission.roles.features),
        "data": {
            "evaluation": _data(submission.evaluation),
            "training": _data(submission.training) if submission.training else None,
        },
        "model": _model(submission),
        "model_file": _model_file(submission, head),
        "answers": _answers(submission),
        "notes": [note.model_dump(mode="json", by_alias=True) for note in submission.notes],
    }


def _groupings(attributes: Iterable[Attribute]) -> list[dict[str, Any]]:
    return [{"column": each.name, "bands": list(each.labels()) or None} for each in attributes]


def _labels(roles: Roles) -> dict[str, Any]:
    return {
        "target": roles.target,
        "classes": list(roles.classes),
        "positive": None if roles.positive is None else roles.classes[roles.positive],
        "favourable": roles.favourable_direction or [roles.classes[index] for index in roles.favourable],
    }


def _data(file: DataFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "sha256": file.sha256,
        "rows": file.rows,
        "origin": file.origin,
        "columns": [dict(column) for column in file.columns],
    }


def _model(submission: Submission) -> dict[str, Any] | None:
    model = submission.model
    return None if model is None else {"format": model.format, "path": model.path, "sha256": model.sha256}


def _model_file(submission: Submission, head: Callable[[str, Path], dict[str, Any]]) -> dict[str, Any] | None:
    """What the first bytes of the model say, or the manifest of an endpoint; nothing is loaded, nobody asked."""
    model = submission.model
    if model is not None and model.format == "endpoint":
        return describe_endpoint(model.part.model_dump(mode="json", exclude_none=True))
    if model is None or model.path is None:
        return None
    return head(model.format, submission.folder / model.path)


def _answers(submission: Submission) -> dict[str, Any] | None:
    sheet = submission.answers
    if sheet is None:
        return None
    return {
        "path": sheet.path,
        "sha256": sheet.sha256,
        "checklist": sheet.checklist,
        "version": sheet.version,
        "answered": len(sheet.items),
        "evidence": len(sheet.evidence()),
        "missing": {item: list(paths) for item, paths in sheet.missing.items()},
        "changed": {item: list(paths) for item, paths in sheet.changed.items()},
        "too_large": {item: list(paths) for item, paths in sheet.too_large.items()},
        "other_kind": {item: list(paths) for item, paths in sheet.other_kind.items()},
        "renew": {item: renewed for item, answer in sheet.items.items() if (renewed := _renewals(answer))},
    }


def _renewals(answer: Answer) -> dict[str, str]:
    """The day by which each evidence file is to be renewed, where one was set."""
    return {file.path: file.renew for file in answer.evidence if file.renew is not None}
