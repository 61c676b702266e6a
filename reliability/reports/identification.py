"""What identifies an assessment: who, what, when, by which digests, under which conditions."""

from collections.abc import Iterable, Iterator, Mapping

from reliability.certifiable import obstacles
from reliability.records import Assessment, DataIdentity, Intake, Json, ModelIdentity
from reliability.reports import figures, statements
from reliability.reports.document import DocumentRecord
from reliability.reports.findings import bilingual
from reliability.reports.rows import Row
from reliability.words.text import Words


def _row(words: Words, key: str, text: object, *, code: str = "") -> Row:
    return Row(name=words.text(f"row.{key}"), text=str(text), code=code)


def scope(assessment: Assessment, words: Words) -> Iterator[Row]:
    """What was assessed, against what, on which data."""
    system, content = assessment.subject.system, assessment.checklist.content
    decision: dict[str, Json] = content.get("decision") or {}
    yield _row(words, "system", f"{system.get('name', '')} {system.get('version', '')}")
    yield _row(words, "purpose", system.get("purpose", ""))
    yield _row(words, "evaluation_data", _data_text(assessment.data.evaluation, words))
    if assessment.data.training:
        yield _row(words, "training_data", _data_text(assessment.data.training, words))
    yield _row(words, "checklist", checklist(assessment, words))
    confidence = figures.percent(decision.get("confidence", 0.95))
    rule = words.first(f"rule.{decision.get('rule')}") or str(decision.get("rule", ""))
    yield _row(words, "decision", words.text("report.decision", rule=rule, confidence=confidence))


def customer(assessment: Assessment, words: Words) -> Row:
    """The customer by the whole name: covers cut it."""
    name = assessment.subject.organisation.get("name") or words.text("report.not_stated")
    return Row(name=words.text("heading.customer"), text=str(name))


def period(assessment: Assessment) -> str:
    """The days of the work."""
    started, finished = figures.day(assessment.dates.started), figures.day(assessment.dates.finished)
    return started if started == finished else f"{started} – {finished}"


def checklist(assessment: Assessment, words: Words) -> str:
    """The checklist's title and version."""
    title = bilingual(assessment.checklist.content, "title", words.lang) or assessment.checklist.id
    return f"{title} {assessment.checklist.version}"


def sampling(assessment: Assessment, words: Words) -> Iterator[Row]:
    """How the rows were drawn."""
    yield _row(words, "sampling", words.text("report.sampling", n=figures.count(assessment.data.evaluation.rows)))


def _data_text(data: DataIdentity, words: Words) -> str:
    origin = words.first(f"origin.{data.origin}") or data.origin
    return words.text("report.data", path=data.path, n=figures.count(data.rows), origin=origin)


def parties(assessment: Assessment, words: Words) -> Iterator[Row]:
    """The customer, as the submission names them."""
    organisation = assessment.subject.organisation
    for key in ("name", "registration", "address", "contact"):
        if organisation.get(key) or key != "registration":
            yield _row(words, f"organisation_{key}", organisation.get(key) or words.text("report.not_stated"))


def items(assessment: Assessment, words: Words) -> Iterator[Row]:
    """The items tested, so that nothing else can be taken for them."""
    system = assessment.subject.system
    yield _row(words, "system", f"{system.get('name', '')} {system.get('version', '')}")
    yield _row(words, "purpose", system.get("purpose", ""))
    yield _row(words, "task", words.first(f"task.{assessment.subject.task}") or assessment.subject.task)
    model = assessment.subject.model
    if model and model.format == "endpoint":
        asked = model.isolation.get("endpoint")
        where = str(asked.get("url")) if isinstance(asked, dict) else "–"
        yield _row(words, "model", words.text("report.model_at_endpoint", url=where))
    elif model:
        yield _row(words, "model", model.format, code=_sha256(model.sha256))
    else:
        yield _row(words, "model", words.text("report.predictions_handed_in"))
    for key, data in (("evaluation_data", assessment.data.evaluation), ("training_data", assessment.data.training)):
        if data:
            yield _row(words, key, _data_text(data, words), code=_sha256(data.sha256))


def _sha256(digest: str | None) -> str:
    return f"sha256 {digest}" if digest else ""


def dates(assessment: Assessment, document: DocumentRecord, words: Words) -> Iterator[Row]:
    """When it was received, tested and issued, and where it was tested."""
    yield _row(words, "received", figures.moment(assessment.dates.received))
    yield _row(
        words, "performed", f"{figures.moment(assessment.dates.started)} – {figures.moment(assessment.dates.finished)}"
    )
    yield _row(words, "issued", document.issued.isoformat() if document.issued else words.text("report.not_issued"))
    place = document.issuer.place if document.issuer else None
    yield _row(words, "place", place or words.text("report.not_stated"))


def external(words: Words) -> Iterator[Row]:
    """Results from others; the record has no place for one."""
    yield _row(words, "external", words.text("report.no_external"))


def digests(assessment: Assessment, words: Words) -> Iterator[Row]:
    """Every file that went in, and what came out, by SHA-256."""
    archive = assessment.intake.archive if assessment.intake else None
    if archive is not None:
        yield _file("archive", archive.path, archive.sha256, words)
    yield from _files("manifest", assessment.manifest, words)
    data = assessment.data
    yield _file("evaluation_data", data.evaluation.path, data.evaluation.sha256, words)
    if data.training:
        yield _file("training_data", data.training.path, data.training.sha256, words)
    model = assessment.subject.model
    if model and model.sha256:
        yield _file("model", model.format, model.sha256, words)
    used = assessment.checklist
    yield _file("checklist", f"{used.id} {used.version}", used.sha256, words)
    yield from _files("rows", assessment.rows, words)


def _files(key: str, entry: Mapping[str, Json], words: Words) -> Iterator[Row]:
    if entry.get("sha256"):
        yield _file(key, str(entry.get("path", "")), str(entry["sha256"]), words)
    for name, inner in sorted(entry.items()):
        if isinstance(inner, dict) and inner.get("sha256"):
            yield _file(
                name if f"row.{name}" in words else key, str(inner.get("path", "")), str(inner["sha256"]), words
            )


def _file(key: str, path: str, sha256: str, words: Words) -> Row:
    return Row(name=f"{words.text(f'row.{key}')} · {path}", text="", code=sha256)


def conditions(assessment: Assessment, words: Words) -> Iterator[Row]:
    """Under what conditions it was measured."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(assessment.software.items()))
    yield _row(words, "software", versions)
    yield _row(words, "platform", assessment.platform)
    yield _row(words, "seed", assessment.seed)


def isolation(assessment: Assessment, words: Words) -> Iterator[Row]:
    """How the model was kept apart while it ran, and the reader of the submitted files; what that rules out."""
    model = assessment.subject.model
    if model is None:
        yield _row(words, "isolation", words.text("report.no_model_run"))
    else:
        yield from _of_model(model, words)
    yield from _of_intake(assessment.intake, words)
    against = obstacles(assessment)
    if against:
        yield _row(words, "not_certifiable", " · ".join(words.text(f"reason.{one.code}.brief") for one in against))


def _of_model(model: ModelIdentity, words: Words) -> Iterator[Row]:
    for name, value in sorted(model.isolation.items(), key=lambda pair: (pair[0] != "level", pair[0])):
        if name == "probe" and isinstance(value, dict):
            yield from _probe(value, words)
        elif name == "limits" and isinstance(value, dict):
            yield Row(name=words.text("isolation.limits"), text=_limits(value, words))
        elif name == "globals" and isinstance(value, dict):
            counts = {kind: len(value.get(kind) or ()) for kind in ("known", "unknown")}
            yield Row(name=words.text("isolation.globals"), text=words.text("isolation.globals.count", **counts))
        elif name == "inputs" and isinstance(value, dict):
            # What is to be said of them stands among the notes.
            yield Row(name=words.text("isolation.inputs"), text=_plain(value.get("by"), words))
        elif name == "image":
            yield Row(name=words.text("isolation.image"), text="", code=str(value))
        elif value not in ({}, None):
            yield Row(name=words.first(f"isolation.{name}") or name, text=_plain(value, words))


def _of_intake(intake: Intake | None, words: Words) -> Iterator[Row]:
    """At which level the submitted files were read, and what the probe tried there."""
    if intake is None:
        yield _row(words, "intake", words.text("report.not_stated"))
        return
    level = intake.isolation.get("level")
    version = intake.isolation.get(str(level))
    image = str(intake.isolation.get("image") or "")
    yield _row(words, "intake", f"{_plain(level, words)} {version or ''}".strip(), code=image)
    attempts = intake.isolation.get("probe")
    if isinstance(attempts, dict):
        for row in _probe(attempts, words):
            yield _row(words, "intake_probe", row.text)


def _probe(attempts: Mapping[str, Json], words: Words) -> Iterator[Row]:
    """What the probe tried from inside, by how it ended."""
    for ended in sorted({str(said) for said in attempts.values()}):
        tried = [name for name, said in sorted(attempts.items()) if str(said) == ended]
        named = ", ".join(words.first(f"isolation.probe.{name}") or name for name in tried)
        yield Row(name=words.text("isolation.probe"), text=f"{named}: {_plain(ended, words)}")


def _limits(limits: Mapping[str, Json], words: Words) -> str:
    """The limits that a reader asks for; the record holds the others."""
    told = (("memory_bytes", 1 << 30), ("timeout_s", 1), ("cpu_s", 1), ("processes", 1))
    return ", ".join(
        words.text(f"isolation.limits.{name}", n=f"{limits[name] / unit:,.10g}")
        for name, unit in told
        if limits.get(name)
    )


def _plain(value: Json, words: Words) -> str:
    if isinstance(value, bool):
        return words.text("report.yes" if value else "report.no")
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one, words)}" for name, one in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(_plain(one, words) for one in value) or "–"
    return "–" if value is None else words.first(f"isolation.value.{value}") or str(value)


def not_tested(assessment: Assessment, words: Words) -> Iterator[Row]:
    """What was not tested, and why."""
    sections = assessment.checklist.content["sections"]
    titles = {item["id"]: bilingual(item, "title", words.lang) for section in sections for item in section["items"]}
    for entry in assessment.not_tested:
        name = titles.get(entry.what) or words.first(f"check.{entry.what}", f"row.{entry.what}", f"family.{entry.what}")
        named = f"{name} ({entry.what})" if name else entry.what
        yield Row(name=named, text=statements.reason_text(entry.code, entry.with_, words))
    for note in assessment.notes:
        yield _row(words, "note", statements.reason_text(note.code, note.with_, words))


def by_reason(rows: Iterable[Row]) -> Iterator[tuple[Row, int]]:
    """What was not tested, all of one reason in one row, and how many that is; one thing alone stands by its name."""
    why: dict[str, list[str]] = {}
    for row in rows:
        why.setdefault(row.text, []).append(row.name)
    for text, names in why.items():
        alone = Row(name=names[0], text=text)
        yield Row(name=text.removesuffix("."), text=", ".join(names)) if len(names) > 1 else alone, len(names)


def command(assessment: Assessment) -> str:
    """The command that gives the same findings from the same files, handed in as one folder."""
    return f"reliability assess FOLDER --checklist {assessment.checklist.id} --seed {assessment.seed} --out CASE"


def amends(document: DocumentRecord, words: Words) -> Iterator[Row]:
    """Which document this one replaces."""
    if document.amends:
        yield _row(words, "amends", document.amends.number)
        yield _row(words, "amends_reason", document.amends.reason)
