"""Classes and roles, settled before the first block."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reliability.blocks import ColumnRule, Dependency, Kind, Label, Roles
from reliability.errors import SubmissionError
from reliability.submission.manifest import ColumnEntry, Manifest
from reliability.submission.meaning import Meaning, in_order, meaning
from reliability.submission.parts import Parts
from reliability.submission.refusals import near, printable
from reliability.submission.scan import Scanned, Seen, scan
from reliability.submission.tables import KIND_WORDS, Table
from reliability.yaml_lines import Document, shown


def settle(
    manifest: Manifest,
    document: Document,
    evaluation: tuple[Table, Parts],
    training: tuple[Table, Parts] | None,
) -> tuple[Roles, Scanned]:
    """Read the columns that play a part, and say what every label means, and what the evaluation data's hold."""
    classify = manifest.task != "regression"
    for table, parts in (evaluation, training) if training else (evaluation,):
        _refuse_no_quantity(manifest, table, parts)
    scanned = scan(*evaluation, classes=classify)
    trained = scan(*training, classes=classify, limits=False) if training else None
    _refuse_rules(manifest, document, evaluation[0])
    roles = _roles(manifest, *evaluation)
    if classify:
        classes = _Classes(manifest, document, evaluation[0], scanned)
        if training and trained:
            classes.take_in(trained.target, training[0])
        classes.refuse_unknown(scanned.incumbent, evaluation[0])
        roles = classes.settle(roles, evaluation[1])
    # Last, as scores of a class too few do not add up to 1 either.
    _refuse_sum(scanned, evaluation[0])
    return roles, scanned


def _refuse_sum(scanned: Scanned, table: Table) -> None:
    if scanned.off_sum is not None:
        row, total = scanned.off_sum
        raise SubmissionError(
            "score_sum",
            "{where}: data row {row:,}: the probabilities of the classes (data.score.columns) add up to {total:.6g}, "
            "not to 1; hand in the probabilities that the model gives, with five decimals or more",
            where=table.shown,
            row=row,
            total=total,
        )


def _refuse_no_quantity(manifest: Manifest, table: Table, parts: Parts) -> None:
    """Regression speaks of numbers only."""
    if manifest.task != "regression":
        return
    for name in (parts.target, parts.prediction, parts.incumbent):
        if name in table.coded:
            raise SubmissionError(
                "regression_on_codes",
                "{where}: column {column!r} is read as codes, as some of its numbers have 19 digits or more or begin "
                "with 0; declare data.schema.{column} {{type: number}}",
                where=table.shown,
                column=printable(name),
            )
        if name is not None and table.kinds[name] not in ("f8", "i8"):
            raise SubmissionError(
                "regression_on_text",
                "{where}: column {column!r} holds no numbers, as regression needs; mend the file or the task",
                where=table.shown,
                column=name,
            )


def _roles(manifest: Manifest, table: Table, parts: Parts) -> Roles:
    data = manifest.data
    direction = data.favourable[0] if manifest.task == "regression" and data.favourable else None
    rules = {
        name: _in_kind(rule, table.kinds[name])
        for name, entry in data.schema_.items()
        if (rule := entry.rule()) is not None
    }
    return Roles(
        task=manifest.task,
        favourable_direction="higher" if direction == "higher" else "lower" if direction == "lower" else None,
        features=parts.features,
        target=parts.target,
        all_columns=table.names,
        sensitive=tuple(each.name for each in parts.sensitive),
        segments=tuple(each.name for each in parts.segments),
        strata=tuple(each.name for each in parts.strata),
        quasi_identifiers=parts.quasi_identifiers,
        dependencies=tuple(Dependency(given=one.given, fixes=one.fixes) for one in data.dependencies),
        time=parts.time,
        periods=None if parts.periods is None else parts.periods.name,
        incumbent=parts.incumbent is not None,
        has_predictions=parts.prediction is not None,
        has_scores=bool(parts.scores),
        clustered=parts.entity is not None,
        rules=rules,
        monotone=dict(data.monotone),
    )


def _refuse_rules(manifest: Manifest, document: Document, table: Table) -> None:
    """Refuse limits and values that the column's kind cannot meet; a column of nothing has no kind."""
    for name, entry in manifest.data.schema_.items():
        keys = _unfit(entry, table.kinds[name])
        if keys and name not in table.all_missing:
            raise SubmissionError(
                "rule_unfit",
                "{where}: data.schema.{column}: {key} is {value}, but the column holds {kind}; "
                "leave it out, or declare the type",
                where=document.where("data", "schema", name, *keys),
                column=printable(name),
                key=".".join(map(str, keys)),
                value=shown(entry.values[keys[1]] if len(keys) > 1 and entry.values else getattr(entry, keys[0])),
                kind=KIND_WORDS[table.kinds[name]],
            )


def _unfit(entry: ColumnEntry, kind: Kind) -> tuple[Any, ...]:
    """The key of a rule, and the place in its list, that speaks of another kind; empty where all fit."""
    if kind in ("utf8", "bool"):
        for key in ("minimum", "maximum"):
            if getattr(entry, key) is not None:
                return (key,)
    for place, meant in enumerate(map(meaning, entry.values or ())):
        if (kind in ("i8", "f8") and isinstance(meant, str)) or (kind == "bool" and meant not in (0, 1)):
            return ("values", place)
    return ()


def _in_kind(rule: ColumnRule, kind: Kind) -> ColumnRule:
    """The allowed values in the column's own kind: YAML's 1 is "1" in a column of text."""
    if rule.values is None:
        return rule
    if kind == "utf8":
        return replace(rule, values=tuple(_text(value) for value in rule.values))
    numbers = tuple(meaning(value) for value in rule.values)
    return replace(rule, values=tuple(bool(number) for number in numbers) if kind == "bool" else numbers)


def _text(value: Label) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Classes:
    """The classes of a submission while they are put together."""

    def __init__(self, manifest: Manifest, document: Document, table: Table, scanned: Scanned) -> None:
        self.manifest = manifest
        self.document = document
        self.declared = manifest.model.classes if manifest.model else None
        self.known: dict[Meaning, Label] = {meaning(label): label for label in self.declared or ()}
        self._refuse_ambiguous(table, scanned.target, scanned.prediction, scanned.incumbent)
        self.take_in(scanned.target, table)
        self._refuse_one_class(table, scanned.target)
        if scanned.prediction is not None:
            self.take_in(scanned.prediction, table)

    def take_in(self, seen: Seen, table: Table) -> None:
        """Add the labels of a column, unless the classes are closed already."""
        two = self.manifest.task == "binary" and len(self.known) >= 2
        for meant, (label, row) in seen.labels.items():
            if meant in self.known:
                continue
            if self.declared or two:
                raise self._unknown_class(table, seen.column, label, row)
            self.known[meant] = label
            two = self.manifest.task == "binary" and len(self.known) >= 2

    def refuse_unknown(self, seen: Seen | None, table: Table) -> None:
        """Refuse a label that is none of the classes: what was decided before makes no class of its own."""
        if seen is None:
            return
        for meant, (label, row) in seen.labels.items():
            if meant not in self.known:
                raise self._unknown_class(table, seen.column, label, row)

    def settle(self, roles: Roles, parts: Parts) -> Roles:
        """The roles with classes, positive and favourable filled in."""
        classes = self.declared or in_order(self.known.values())
        index = {meaning(label): place for place, label in enumerate(classes)}
        data = self.manifest.data
        favourable = tuple(self._index(index, value, "favourable") for value in data.favourable)
        if len(set(favourable)) == len(classes):
            raise SubmissionError(
                "all_favourable",
                "{where}: data.favourable names every class; leave out the outcome that is not good for the person",
                where=self.document.where("data", "favourable"),
            )
        positive = self._index(index, data.positive, "positive") if data.positive is not None else None
        if positive is None and len(favourable) == 1:
            positive = favourable[0]
        self._refuse_wrong_scores(index, parts)
        return replace(roles, classes=classes, favourable=tuple(sorted(set(favourable))), positive=positive)

    def _index(self, index: Mapping[Meaning, int], value: Label, *keys: str) -> int:
        if meaning(value) not in index:
            raise SubmissionError(
                "class_never_occurs",
                "{where}: {key}: {value} never occurs in {column!r}; the values there are {near}",
                where=self.document.where("data", *keys),
                key=".".join(("data", *keys)),
                value=shown(value),
                column=self.manifest.data.target,
                near=near("", [shown(label) for label in in_order(self.known.values())]),
            )
        return index[meaning(value)]

    def _refuse_wrong_scores(self, index: Mapping[Meaning, int], parts: Parts) -> None:
        for label, _ in parts.scores:
            if label is not None:
                self._index(index, label, "score")
        named = {meaning(label) for label, _ in parts.scores if label is not None}
        if self.manifest.task == "multiclass" and parts.scores and len(named) < len(index):
            lacking = next(label for meant, label in self.known.items() if meant not in named)
            raise SubmissionError(
                "score_class_missing",
                "{where}: data.score.columns has no column for class {value}; name one for every class",
                where=self.document.where("data", "score"),
                value=shown(lacking),
            )

    def _refuse_ambiguous(self, table: Table, *columns: Seen | None) -> None:
        for seen in columns:
            if seen is not None and seen.ambiguous is not None:
                first, second, row = seen.ambiguous
                raise SubmissionError(
                    "label_ambiguous",
                    "{where}: data row {row:,}: column {column!r} holds {second} beside {first}, which mean the same; "
                    "write one of them throughout",
                    where=table.shown,
                    row=row,
                    column=seen.column,
                    first=shown(first),
                    second=shown(second),
                )

    def _refuse_one_class(self, table: Table, target: Seen) -> None:
        if len(target.labels) == 1:
            label, _ = next(iter(target.labels.values()))
            raise SubmissionError(
                "one_class",
                "{where}: column {column!r} holds only {value}; evaluation data needs rows of both outcomes",
                where=table.shown,
                column=target.column,
                value=shown(label),
            )

    def _unknown_class(self, table: Table, column: str, label: Label, row: int) -> SubmissionError:
        return SubmissionError(
            "class_unknown",
            "{where}: data row {row:,}: column {column!r} holds {value}, which is none of the classes {classes}; "
            "mend the file, or the task or model.classes in submission.yaml",
            where=table.shown,
            row=row,
            column=column,
            value=shown(label),
            classes=", ".join(shown(known) for known in self.known.values()),
        )


def score_columns(roles: Roles, parts: Parts) -> tuple[tuple[int, str], ...]:
    """Class index and column of every handed-in score."""
    index: dict[Any, int] = {meaning(label): place for place, label in enumerate(roles.classes)}
    default = roles.positive if roles.positive is not None else 0
    return tuple((default if label is None else index[meaning(label)], name) for label, name in parts.scores)
