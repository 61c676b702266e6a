"""The assessed system as a CycloneDX 1.6 bill of materials: model with model card, data, libraries, verdicts.

Written by hand: the CycloneDX library for Python has no class for a model card (11.12).
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, TypeAlias

from reliability.checklist.judge import judge
from reliability.records import Assessment, Json, Measurement, canonical_json
from reliability.reports import statements
from reliability.reports.public import PublicData, PublicMeasurement
from reliability.reports.tables import Results, one_line
from reliability.words.text import Words

Component: TypeAlias = dict[str, Any]
NAMESPACE = "reliability-workbench"
WORKBENCH = "reliability-workbench"
SYSTEM, MODEL = "system", "model"
_PACKAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[0-9A-Za-z.!_-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNMET = frozenset({"fail", "conditional_fail"})
_OF_DATA = ("data_quality.", "leakage.")  # what is measured of the data says nothing of how well the model does


def cyclonedx_of(assessment: Assessment, words: Words) -> bytes:
    """The bill of materials as canonical JSON; the same record gives the same bytes."""
    results = Results(assessment, words)
    runtime = [_software(name, version) for name, version in sorted(_libraries(assessment).items())]
    data = list(_data_sets(results))
    model = _model(results, [one["bom-ref"] for one in data])
    bill: dict[str, Json] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{_serial(results)}",
        "version": 1,
        "metadata": _metadata(results),
        "components": [model, *data, *runtime],
        "dependencies": [
            {"ref": SYSTEM, "dependsOn": [MODEL]},
            {"ref": MODEL, "dependsOn": sorted(one["bom-ref"] for one in runtime)},
        ],
    }
    return canonical_json(bill)


def _serial(results: Results) -> uuid.UUID:
    """A number of its own for every record and language, and the same one every time."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:sha256:{results.record.assessment}:{results.words.lang}")


def _metadata(results: Results) -> dict[str, Json]:
    record = results.record
    system: Component = {"type": "application", "bom-ref": SYSTEM, **_named(record.subject.system)}
    organisation = record.subject.organisation.get("name")
    if organisation:
        system["supplier"] = {"name": one_line(organisation)}
    tools = [
        _software(name, version) | {"bom-ref": f"tool:{one_line(name)}@{one_line(version)}"}
        for name, version in sorted(record.software.items())
    ]
    return {
        "timestamp": record.finished.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tools": {"components": tools},
        "component": system,
    }


def _named(system: Mapping[str, Json]) -> Component:
    told = {"name": system.get("name"), "version": system.get("version"), "description": system.get("purpose")}
    return {key: one_line(value) for key, value in told.items() if value} | ({} if told["name"] else {"name": SYSTEM})


def _software(name: str, version: str) -> Component:
    """A library or program by name and version; by its address in the package index where it can be there."""
    told = {"name": one_line(name), "version": one_line(version)}
    kind = {"python": "platform", WORKBENCH: "application"}.get(name, "library")
    component: Component = {"type": kind, "bom-ref": f"library:{told['name']}@{told['version']}", **told}
    if kind == "library" and _PACKAGE.fullmatch(name) and _VERSION.fullmatch(version):
        component["purl"] = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version.replace('!', '%21')}"
    return component


def _libraries(assessment: Assessment) -> dict[str, str]:
    """What the model ran with in its worker; nothing where predictions were handed in."""
    model = assessment.subject.model
    libraries = model.isolation.get("libraries") if model else None
    return {str(name): str(version) for name, version in libraries.items()} if isinstance(libraries, dict) else {}


def _hashes(sha256: str | None) -> dict[str, Json]:
    known = sha256 is not None and _SHA256.fullmatch(sha256)
    return {"hashes": [{"alg": "SHA-256", "content": sha256}]} if known else {}


def _data_sets(results: Results) -> Iterator[Component]:
    data = results.assessment.data
    for key, identity, public in (
        ("evaluation_data", data.evaluation, results.record.evaluation),
        ("training_data", data.training, results.record.training),
    ):
        if identity is not None and public is not None:
            sensitive = [one_line(one["name"]) for one in identity.columns if "sensitive" in str(one.get("role"))]
            measured = list(_of_data(results)) if key == "evaluation_data" else []
            yield _data(key, public, sensitive, measured, results.words)


def _of_data(results: Results) -> Iterator[dict[str, str]]:
    """What was measured of the evaluation data, as properties."""
    for metric in _metrics(results):
        if metric["type"].startswith(_OF_DATA):
            slice_of = f":{metric['slice']}" if "slice" in metric else ""
            yield _property(f"measured:{metric['type']}{slice_of}", metric["value"])


def _data(key: str, data: PublicData, sensitive: list[str], measured: list[Json], words: Words) -> Component:
    name = words.text(f"row.{key}")
    content: dict[str, Json] = {"type": "dataset", "name": name}
    return {
        "type": "data",
        "bom-ref": key,
        "name": name,
        **_hashes(data.sha256),
        "data": [content | ({"sensitiveData": sensitive} if sensitive else {})],
        "properties": [_property("data:rows", data.rows), _property("data:origin", data.origin), *measured],
    }


def _model(results: Results, data: list[str]) -> Component:
    subject = results.record.subject
    model = subject.model
    return {
        "type": "machine-learning-model",
        "bom-ref": MODEL,
        **_named(subject.system),
        **_hashes(model.sha256 if model else None),
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"},
                "task": {"regression": "regression"}.get(subject.task, "classification"),
                "datasets": [{"ref": ref} for ref in data],
            },
            "quantitativeAnalysis": {
                "performanceMetrics": [one for one in _metrics(results) if not one["type"].startswith(_OF_DATA)]
            },
            "considerations": _considerations(results),
        },
        "properties": [_property(name, value) for name, value in _properties(results)],
    }


def _properties(results: Results) -> Iterator[tuple[str, Json]]:
    record = results.record
    yield "outcome", record.outcome
    yield "assessment:sha256", record.assessment
    yield "assessment:seed", record.seed
    yield "checklist:id", record.checklist.id
    yield "checklist:version", record.checklist.version
    yield "checklist:sha256", record.checklist.sha256
    yield "checklist:confidence", record.checklist.decision.get("confidence", 0.95)
    yield "model:format", record.subject.model.format if record.subject.model else "predictions_handed_in"
    yield "model:task", record.subject.task
    if record.subject.model and record.subject.model.isolation:
        yield "model:isolation", record.subject.model.isolation
    if record.intake:
        yield "intake:isolation", record.intake.level
    for found in record.findings:
        yield f"severity:{found.item}", found.severity
        yield f"verdict:{found.item}", found.verdict


def _property(name: str, value: Json) -> dict[str, str]:
    return {"name": one_line(f"{NAMESPACE}:{name}"), "value": one_line(value)}


def _metrics(results: Results) -> Iterator[dict[str, Any]]:
    """Every figure that may be told, each once."""
    told: set[str] = set()
    for found in results.record.findings:
        for result in found.criteria:
            for one in result.measurements:
                metric = _metric(one)
                if one.value is not None and repr(metric) not in told:
                    told.add(repr(metric))
                    yield metric


def _metric(found: PublicMeasurement) -> dict[str, Any]:
    metric: dict[str, Any] = {"type": found.check, "value": one_line(found.value)}
    parts = [f"{name}={_level(level)}" for name, level in sorted(found.slice.items())] or list(found.by)
    parts += [f"of={_level(found.of)}"] if found.of is not None else []
    if parts:
        metric["slice"] = one_line(", ".join(parts))
    if found.low is not None and found.high is not None:
        metric["confidenceInterval"] = {"lowerBound": one_line(found.low), "upperBound": one_line(found.high)}
    return metric


def _level(level: Json) -> str:
    return level if isinstance(level, str) else json.dumps(level)


def _considerations(results: Results) -> dict[str, Json]:
    """What it is for, what was not tested, and which groups a finding speaks of."""
    told: dict[str, Json] = {}
    purpose = results.record.subject.system.get("purpose")
    if purpose:
        told["useCases"] = [one_line(purpose)]
    limits = [f"{name}: {why}" for name, why in results.not_tested()]
    told["technicalLimitations"] = [results.words.text("export.only_this_version"), *limits]
    fairness = list(_fairness(results))
    if fairness:
        told["fairnessAssessments"] = fairness
    return told


def _fairness(results: Results) -> Iterator[dict[str, Json]]:
    """Which groups differ by more than a limit allows, or may; what was done about it is not known here."""
    for found in results.assessment.findings:
        for result in found.criteria:
            if result.verdict in _UNMET and str(result.criterion.check).startswith("fairness."):
                subject = statements.subject(results.check_name(result.criterion.check), results.words.lang)
                for one in result.measurements:
                    own = judge(result.criterion, (one,)).verdict
                    if own in _UNMET:
                        harm = results.words.first(f"headline.{own}", subject=subject, object="")
                        yield {"groupAtRisk": _at_risk(results, one), "harms": one_line(harm)}


def _at_risk(results: Results, found: Measurement) -> str:
    """The groups that differ most, with what tells them apart; no figure of theirs."""
    groups = found.details.get("worst") or ([found.slice] if found.slice else [])
    named = " / ".join(results.group_name(group, found.by) for group in groups)
    return one_line(": ".join(part for part in (" × ".join(found.by), named) if part))
