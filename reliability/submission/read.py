"""A submission as read: manifest, digests, settled types and roles. Nothing of it is run."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from reliability.blocks import Label, Roles
from reliability.errors import SubmissionError
from reliability.formats import project
from reliability.formats.unreadable import UnreadableError
from reliability.records import Intake, Reason
from reliability.submission.answers import AnswerSheet, read_answers
from reliability.submission.data_file import DataFile
from reliability.submission.manifest import Manifest, ModelPart
from reliability.submission.parts import Parts, parts_of
from reliability.submission.places import file_inside, inside, is_folder, manifest_path
from reliability.submission.population import Population, Rows, read_population
from reliability.submission.population_rows import population_rows
from reliability.submission.refusals import shaped
from reliability.submission.settle import settle
from reliability.submission.source import open_source
from reliability.submission.tables import Opened, Table, open_table
from reliability.submission.training import same_kinds, training_parts, training_roles
from reliability.yaml_lines import Document, read_yaml

# As this process reads a submission by itself, which nothing confines.
HERE = Intake(isolation={"level": "none"})


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """The submitted model: never opened here, only digested."""

    format: str
    path: str | None
    sha256: str | None
    inputs: tuple[str, ...]
    classes: tuple[Label, ...] | None
    part: ModelPart

    @property
    def declared(self) -> dict[str, Any]:
        """What the manifest says of the model that its file may not say itself."""
        said = self.part.model_dump(mode="json", include={"classes", "categories", "function"}, exclude_none=True)
        if self.part.format == "python" and self.part.requirements is not None:
            # As the worker finds it: from the project's folder.
            said["requirements"] = PurePosixPath(self.part.requirements).relative_to(str(self.path)).as_posix()
        return said


@dataclass(frozen=True, kw_only=True, eq=False)
class Submission:
    """Everything that was handed in, checked for shape and ready to be read in blocks."""

    folder: Path
    manifest_path: Path
    manifest_sha256: str
    manifest: Manifest
    roles: Roles
    evaluation: DataFile
    training: DataFile | None
    model: ModelFile | None
    answers: AnswerSheet | None
    population: Population | None
    notes: tuple[Reason, ...]
    document: Document = field(repr=False)
    intake: Intake = HERE
    spelt_alike: tuple[tuple[str, tuple[str, ...]], ...] = ()  # spellings of one group, by the column they stand in

    @property
    def stated_facts(self) -> dict[str, dict[str, Any]]:
        """Facts as the applicant states them: value, and the reason where one was given."""
        return {
            name: {"value": fact.is_, "because": fact.because} for name, fact in self.manifest.stated_facts().items()
        }

    def where(self, *keys: str | int) -> str:
        """`submission.yaml:LINE` of a key, for a message."""
        return self.document.where(*keys)

    def papers(self) -> tuple[str, ...]:
        """Paths of the answers and of the evidence files that are there, from the submission's folder."""
        return (self.answers.path, *self.answers.evidence()) if self.answers else ()


def read_submission(path: Path, *, opened: Opened = open_source, rows_of: Rows = population_rows) -> Submission:
    """Read a submission given as folder or as its `submission.yaml`.

    `opened` parses its data files, `rows_of` its declared population.

    Raises
    ------
    SubmissionError
        For the first thing that cannot be used, in one line: file, line, value met, next step.
    """
    place = manifest_path(path)
    folder = place.parent
    document = read_yaml(place, error=SubmissionError, name=place.name)
    manifest = shaped(Manifest, document)
    files = _Files(folder, manifest, document, opened)
    evaluation, training = files.table("evaluation"), files.table("training") if manifest.data.training else None
    model, answers = files.model(), files.answers()
    parts = parts_of(manifest, evaluation, document)
    population = files.population(parts, rows_of)
    learned = _learned(training, parts, evaluation)
    shares = {} if population is None else population.shares
    settled, scanned = settle(manifest, document, (evaluation, parts), learned)
    settled = replace(settled, population=shares)
    return Submission(
        folder=folder,
        manifest_path=place,
        manifest_sha256=hashlib.sha256(place.read_bytes()).hexdigest(),
        manifest=manifest,
        roles=settled,
        evaluation=DataFile(
            path=manifest.data.evaluation, origin=manifest.data.origin, roles=settled, table=evaluation, parts=parts
        ),
        training=_training(manifest, settled, learned),
        model=None if model is None else ModelFile(**model, inputs=parts.features),
        answers=answers,
        population=population,
        notes=tuple(Reason.model_validate({"code": "not_used", "with": {"key": key}}) for key in manifest.not_used()),
        document=document,
        spelt_alike=scanned.spelt_alike,
    )


def _learned(training: Table | None, parts: Parts, evaluation: Table) -> tuple[Table, Parts] | None:
    if training is None:
        return None
    theirs = training_parts(parts, training)
    return same_kinds(training, theirs, evaluation), theirs


def _training(manifest: Manifest, roles: Roles, learned: tuple[Table, Parts] | None) -> DataFile | None:
    if learned is None or manifest.data.training is None:
        return None
    table, parts = learned
    # Where training data came from is never what `data.origin` says: that speaks of the evaluation data.
    return DataFile(
        path=manifest.data.training,
        origin="applicant_supplied",
        roles=training_roles(roles, parts, table),
        table=table,
        parts=parts,
    )


class _Files:
    """The files that a manifest names, each checked to lie in the folder before it is opened."""

    def __init__(self, folder: Path, manifest: Manifest, document: Document, opened: Opened) -> None:
        self.folder = folder
        self.manifest = manifest
        self.document = document
        self.opened = opened

    def table(self, key: str) -> Table:
        name: str = getattr(self.manifest.data, key)
        return open_table(self._file(name, "data", key), name, self.manifest.data.schema_, opened=self.opened)

    def model(self) -> dict[str, Any] | None:
        part = self.manifest.model
        if part is None:
            return None
        file = self._model_place(part) if part.path is not None else None
        for key in ("requirements", "token_file", "ca_file"):
            if (named := getattr(part, key)) is not None:
                self._file(named, "model", key)
        return {
            "format": part.format,
            "path": part.path,
            "sha256": self._model_digest(file) if file else None,
            "classes": part.classes,
            "part": part,
        }

    def _model_place(self, part: ModelPart) -> Path:
        """The model's file; of a Python project, the folder too."""
        named, where = str(part.path), self.document.where("model", "path")
        place = inside(self.folder, named, where=where, key="model.path")
        if part.format == "python" and is_folder(place):
            return place
        return file_inside(self.folder, named, where=where, key="model.path")

    def _model_digest(self, place: Path) -> str:
        try:
            return project.digest(place)
        except UnreadableError as error:
            raise SubmissionError(
                "model_project",
                "{where}: model.path: {why}; hand in the project's own files",
                where=self.document.where("model", "path"),
                why=str(error),
            ) from error

    def answers(self) -> AnswerSheet | None:
        if self.manifest.answers is None:
            return None
        self._file(self.manifest.answers, "answers")
        return read_answers(self.folder, self.manifest.answers)

    def population(self, parts: Parts, rows_of: Rows) -> Population | None:
        name = self.manifest.data.population
        if name is None:
            return None
        known = [each.name for each in (*parts.sensitive, *parts.segments)]
        return read_population(self._file(name, "data", "population"), name, known, rows_of=rows_of)

    def _file(self, name: str, *keys: str) -> Path:
        return file_inside(self.folder, name, where=self.document.where(*keys), key=".".join(keys))
