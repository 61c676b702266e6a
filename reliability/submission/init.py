"""A commented submission.yaml written from guesses; `assess` accepts it as it is."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, get_args

from reliability.blocks import Label
from reliability.errors import UsageError
from reliability.submission.column_names import affirmative
from reliability.submission.guesses import Guess, Guesses
from reliability.submission.manifest import DataOrigin
from reliability.submission.places import MANIFEST

MODEL_FORMATS: Mapping[str, str] = {
    ".skops": "skops", ".pkl": "pickle", ".pickle": "pickle", ".joblib": "joblib", ".onnx": "onnx", ".ubj": "xgboost",
    ".json": "xgboost", ".txt": "lightgbm", ".cbm": "catboost", ".pt": "torch", ".pth": "torch", ".py": "python",
}  # fmt: skip
_PLAIN = re.compile(r"[가-힣A-Za-z_][가-힣\w.-]*")
_RESERVED = re.compile(r"(?i)null|true|false|~")


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What no data file tells: who hands in what, and what is known of it; None is left to be filled in.

    `rows_apart` is the reason why no two rows belong together; `segments` are the columns that operation tells apart;
    `level` is the performance that is declared.
    """

    organisation: str | None = None
    system: str | None = None
    version: str | None = None
    purpose: str | None = None
    entity: str | None = None
    rows_apart: str | None = None
    segments: tuple[str, ...] = ()
    level: float | None = None


class Say(Protocol):
    """Words of one language by key: `words(lang).text`."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The words of a key with its values filled in."""


def model_of(path: Path, folder: Path) -> tuple[str, str]:
    """Format and path, from `folder`, of a model file by its suffix.

    Raises
    ------
    UsageError
        If the file is not there, lies outside the folder, or has an unknown suffix.
    """
    if not path.is_file():
        raise UsageError("init_model_missing", "{model}: no such file; check --model", model=str(path))
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            "init_model_outside",
            "{model}: lies outside {folder}; copy the model beside the data first",
            model=str(path),
            folder=str(folder),
        )
    if path.suffix not in MODEL_FORMATS:
        raise UsageError(
            "init_model_format",
            "{model}: unknown kind of model file; known: {allowed}",
            model=str(path),
            allowed=", ".join(MODEL_FORMATS),
        )
    return MODEL_FORMATS[path.suffix], path.resolve().relative_to(folder.resolve()).as_posix()


def reason(guess: Guess, say: Say) -> str:
    """The reason of a guess in words."""
    values = dict(guess.values)
    if "ground" in values:
        values["ground"] = say(f"init.ground.{values['ground']}")
        values["source"] = say(f"init.source.{values['source']}")
    if "kind" in values:
        values["kind"] = say(f"init.personal.{values['kind']}")
    return _one_line(say(f"init.reason.{guess.reason}", **values))


def text_of(guesses: Guesses, say: Say, told: Particulars = Particulars()) -> str:
    """submission.yaml as text, with the reason of every guess as a comment."""
    parts = (_head(guesses, say, told), _model(guesses, say), _data(guesses, say, told), _tail(guesses, say, told))
    return "\n".join(line for part in parts for line in part) + "\n"


def declared_check(guesses: Guesses) -> str:
    """The check of the performance that an applicant declares first: of ranking where there is a score to rank by."""
    if guesses.task == "regression":
        return "performance.r2_score"
    ranks = guesses.task == "binary" and (guesses.model is not None or guesses.column_of("score") is not None)
    return "performance.roc_auc" if ranks else "performance.accuracy"


def write_manifest(folder: Path, text: str) -> Path:
    """Write submission.yaml into the folder; one that is there already is left alone and refused."""
    place = folder / MANIFEST
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as there:
        raise _exists(place) from there
    return place


def refuse_existing(folder: Path) -> None:
    """Refuse a folder that holds a submission.yaml, before anything is guessed for it.

    Raises
    ------
    UsageError
        If the file is there already.
    """
    place = folder / MANIFEST
    if place.exists() or place.is_symlink():
        raise _exists(place)


def _exists(place: Path) -> UsageError:
    return UsageError("init_exists", "{where}: exists already; rename it or edit it by hand", where=str(place))


def _head(guesses: Guesses, say: Say, told: Particulars) -> list[str]:
    comment, fill = _commenting(say), _filling(say)

    def given(key: str, value: str | None) -> str:
        return fill(key) if value is None else scalar(value)

    return [
        *comment("head"),
        "submission: 1",
        "organisation:",
        f"  name: {given('organisation', told.organisation)}",
        "system:",
        f"  name: {given('system', told.system)}",
        f"  version: {json.dumps(told.version or '0.0.0', ensure_ascii=False)}",
        f"  purpose: {given('purpose', told.purpose)}",
        "",
        *comment("facts"),
        *_facts(fill, told),
        "",
        *comment("task"),
        f"task: {guesses.task}",
    ]


def _facts(fill: Any, told: Particulars) -> list[str]:
    examples = ["#   affects_people: true", f"#   generative: {{is: false, because: {fill('because')}}}"]
    if told.rows_apart is None:
        return ["# facts:", *examples]
    return ["facts:", *examples, f"  rows_share_entities: {{is: false, because: {scalar(told.rows_apart)}}}"]


def _model(guesses: Guesses, say: Say) -> list[str]:
    if guesses.model is None:
        return []
    format_, path = guesses.model
    return ["", *_commenting(say)("model"), f"model: {{format: {format_}, path: {scalar(path)}}}"]


def _data(guesses: Guesses, say: Say, told: Particulars) -> list[str]:
    comment = _commenting(say)
    training = "# training: training.parquet" if guesses.training is None else f"training: {scalar(guesses.training)}"
    lines = [
        "",
        "data:",
        f"  evaluation: {scalar(guesses.data)}",
        *comment("training", indent=2),
        f"  {training}",
        *comment("origin", indent=2),
        *(f"  # - {origin}: {_one_line(say(f'origin.{origin}'))}" for origin in get_args(DataOrigin)),
        "  origin: applicant_supplied",
    ]
    lines += _column("target", guesses, say) + _outcome(guesses, say)
    if guesses.has_answers:
        lines += _column("prediction", guesses, say) + _column("score", guesses, say)
    else:
        lines += [*comment("no_answers", indent=2), "  # prediction: y_pred"]
    for part in ("id", "time"):
        lines += _column(part, guesses, say)
    lines += _column("entity", guesses, say) if told.entity is None else [f"  entity: {scalar(told.entity)}"]
    if told.segments:
        lines.append(f"  segments: [{', '.join(map(scalar, told.segments))}]")
    return lines + _sensitive(guesses, say) + _included(guesses, say) + _excluded(guesses, say)


def _outcome(guesses: Guesses, say: Say) -> list[str]:
    if guesses.task == "regression":
        return [*_commenting(say)("direction", indent=2), "  # favourable: higher"]
    if guesses.favourable is None:
        return [*_commenting(say)("favourable_open", indent=2), f"  # favourable: {scalar(guesses.classes[-1])}"]
    why = _reasons((each for each in guesses.guesses if each.part == "favourable"), say)
    return [*why, f"  favourable: {scalar(guesses.favourable)}", *_commenting(say)("positive", indent=2)]


def _column(part: Any, guesses: Guesses, say: Say) -> list[str]:
    name = guesses.column_of(part)
    if name is None:
        return []
    value = scalar(name)
    if part == "score":
        # Scores are most often of the class that says yes, whichever is good for the person.
        yes = affirmative(guesses.classes)
        of = guesses.favourable if yes is None and guesses.favourable is not None else yes
        value = f"{{column: {value}, of: {scalar(guesses.classes[-1] if of is None else of)}}}"
    return [*_reasons((each for each in guesses.guesses if each.part == part), say), f"  {part}: {value}"]


def _sensitive(guesses: Guesses, say: Say) -> list[str]:
    names = guesses.columns_of("sensitive")
    if not names:
        return [*_commenting(say)("no_sensitive", indent=2), "  sensitive: []"]
    lines = [*_commenting(say)("sensitive", indent=2), "  sensitive:"]
    for each in guesses.guesses:
        if each.part == "sensitive":
            bands = guesses.bands.get(each.column)
            name = scalar(each.column)
            lines += _reasons([each], say, indent=4)
            lines.append(f"    - {{column: {name}, bands: {list(bands)}}}" if bands else f"    - {name}")
    return lines


def _included(guesses: Guesses, say: Say) -> list[str]:
    """What a model is given, as a line to uncomment: one trained on a sensitive column needs it named."""
    if guesses.model is None:
        return []
    features = ", ".join(map(scalar, guesses.features))
    comment = _commenting(say)
    instead = comment("include_instead", indent=2) if guesses.columns_of("exclude") else []
    return [*comment("include", indent=2), *instead, f"  # features: {{include: [{features}]}}"]


def _excluded(guesses: Guesses, say: Say) -> list[str]:
    if not guesses.columns_of("exclude"):
        return []
    lines = [*_commenting(say)("exclude", indent=2), "  features:", "    exclude:"]
    for each in guesses.guesses:
        if each.part == "exclude":
            lines += [*_reasons([each], say, indent=6), f"      - {scalar(each.column)}"]
    return lines


def _tail(guesses: Guesses, say: Say, told: Particulars) -> list[str]:
    level = (0.5 if guesses.task == "regression" else 0.75) if told.level is None else told.level
    declared = f"performance: {{check: {declared_check(guesses)}, at_least: {json.dumps(level)}}}"
    comment = _commenting(say)
    return [
        "",
        *comment("performance"),
        f"# {declared}" if told.level is None else declared,
        *comment("answers"),
        "# answers: answers.yaml",
    ]


def _reasons(guesses: Iterable[Guess], say: Say, *, indent: int = 2) -> list[str]:
    unsure = _one_line(say("init.unsure"))
    return [" " * indent + f"# {reason(each, say)}" + ("" if each.certain else f" {unsure}") for each in guesses]


def _commenting(say: Say) -> Any:
    def comment(key: str, *, indent: int = 0) -> list[str]:
        return [" " * indent + f"# {_one_line(say(f'init.comment.{key}'))}"]

    return comment


def _filling(say: Say) -> Any:
    def fill(key: str) -> str:
        return scalar(say(f"init.fill.{key}"))

    return fill


def scalar(value: Label) -> str:
    """A value as YAML reads it back: quoted unless it is a plain word."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _RESERVED.fullmatch(value):
        return value
    if isinstance(value, str):
        # What does not print is escaped: YAML takes some of it for line breaks and refuses the rest.
        return "".join(
            mark if mark.isprintable() else f"\\U{ord(mark):08x}" for mark in json.dumps(value, ensure_ascii=False)
        )
    return json.dumps(value)


def _one_line(text: str) -> str:
    # A comment ends at a line break: names from the data must not reach the next line.
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
