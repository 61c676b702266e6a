"""Training data: read with the evaluation data's types, needing its features and its target."""

from dataclasses import replace

from reliability.blocks import Kind, Roles
from reliability.errors import SubmissionError
from reliability.submission.parts import Parts
from reliability.submission.refusals import likeness, listed, printable
from reliability.submission.tables import Table

_NUMBERS = {"i8", "f8"}


def training_parts(evaluation: Parts, table: Table) -> Parts:
    """The parts that the training data's columns play: no answers, no strata, and no group or entity that it lacks."""
    for name in (evaluation.target, *evaluation.features):
        if name not in table.names:
            raise _no_column(table, name)
    parts = replace(
        evaluation,
        prediction=None,
        scores=(),
        entity=evaluation.entity if evaluation.entity in table.names else None,
        sensitive=tuple(each for each in evaluation.sensitive if each.name in table.names),
        segments=tuple(each for each in evaluation.segments if each.name in table.names),
        strata=(),
        quasi_identifiers=tuple(name for name in evaluation.quasi_identifiers if name in table.names),
        incumbent=None,
        periods=None,
    )
    for name in (*parts.used(), *parts.features, *parts.quasi_identifiers):
        if name in table.unusable:
            raise table.unusable[name]
    return parts


def _no_column(table: Table, name: str) -> SubmissionError:
    close = likeness(name, table.names)
    if close is None:
        return SubmissionError(
            "training_column_unlike",
            "{where}: no column {column!r}, which the evaluation data has; the columns here are: {names}",
            where=table.shown,
            column=name,
            names=listed(table.names),
        )
    return SubmissionError(
        "training_column_missing",
        "{where}: no column {column!r}, which the evaluation data has; did you mean {near}?",
        where=table.shown,
        column=name,
        near=close,
    )


def same_kinds(training: Table, parts: Parts, evaluation: Table) -> Table:
    """The training data read with the evaluation data's kinds; kinds that do not go together are refused."""
    kinds: dict[str, Kind] = {}
    for name in (*parts.used(), *parts.features):
        mine, theirs = training.kinds[name], evaluation.kinds[name]
        if mine == theirs or (mine == "f8" and theirs == "i8"):
            continue
        if {mine, theirs} <= _NUMBERS or name in training.all_missing:
            kinds[name] = theirs
        elif name not in evaluation.all_missing:
            raise SubmissionError(
                "training_kind",
                "{where}: column {column!r} is {mine} here and {theirs} in {other}; mend one file, "
                "or declare data.schema.{column} {{type: text}}",
                where=training.shown,
                column=printable(name),
                mine=mine,
                theirs=theirs,
                other=evaluation.shown,
            )
    return training.with_kinds(kinds)


def training_roles(roles: Roles, parts: Parts, table: Table) -> Roles:
    """The roles as far as the training data has them."""
    return replace(
        roles,
        all_columns=table.names,
        has_predictions=False,
        has_scores=False,
        clustered=parts.entity is not None,
        sensitive=tuple(each.name for each in parts.sensitive),
        segments=tuple(each.name for each in parts.segments),
        strata=(),
        quasi_identifiers=parts.quasi_identifiers,
        time=roles.time if roles.time in table.names else None,
        incumbent=False,
        periods=None,
    )
