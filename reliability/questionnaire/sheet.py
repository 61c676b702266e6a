"""answers.yaml as text: written anew, joined with new questions, and changed, without losing a word of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from reliability.questionnaire.questions import Questionnaire
from reliability.questionnaire.splices import (
    Composed,
    Splice,
    append,
    below,
    child,
    compose,
    flow,
    in_brackets,
    is_empty,
    pairs,
    put,
    spliced,
)
from reliability.records import EvidenceFile

FIELDS = ("answer", "by", "date", "note", "evidence", "checked_by")
STAMP = ("checklist", "version")
ORDER = (*FIELDS, *STAMP)

# Of each item that changes, the fields that do, with their new values; None empties a field.
# An `answer`, even the one that stood there, is given to the question as it is asked now.
Changes: TypeAlias = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Comments:
    """What stands beside the answers for a person to read: every line a comment.

    `head` opens the file, `sections` a section by its id, `questions` each question by its item; `asks` are the
    lines in which a question is put, in every language: a file in which some of them stand asks it in these words.
    """

    head: tuple[str, ...]
    sections: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, tuple[str, ...]]
    asks: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


def written(asked: Questionnaire, comments: Comments) -> str:
    """A new answers.yaml: every question with its comments, none answered."""
    head = [*comments.head, "answers: 1", f"checklist: {flow(asked.checklist)}", f"version: {flow(asked.version)}"]
    return merged("\n".join([*head, "items:", ""]), asked, comments)


def merged(text: str, asked: Questionnaire, comments: Comments) -> str:
    """The sheet with every question that applies, each answer still given to the question it was given to.

    Questions that are new come behind the one that they follow in the checklist. An answer that was given to
    another version says so of itself; above it stands the question as it is asked now.
    """
    composed = _with_place_for_items(compose(text))
    items = child(composed.root, "items")
    assert items is not None  # noqa: S101  (there is a place for them now)
    head = [put(composed, composed.root, key, value) for key, value in _other_head(composed, asked)]
    stamps = list(_stamps(composed, items, asked))
    return spliced(composed.text, [*head, *stamps, *_asked_anew(composed, items, asked, comments),
                                   *_new_questions(composed, items, asked, comments)])  # fmt: skip


def changed(text: str, changes: Changes, question: tuple[str, str]) -> str:
    """The sheet with some answers changed, each given to the question of this checklist and version.

    Items that do not stand in the sheet are a programming mistake.
    """
    composed = compose(text)
    items = child(composed.root, "items")
    given = {key.value: (key, value) for key, value in pairs(items)}
    splices: list[Splice] = []
    for item, fields in changes.items():
        key, entry = given[item]
        if isinstance(entry, MappingNode):
            splices += _changed_entry(composed, entry, fields, question)
        else:
            splices += _first_entry(composed, items, key, entry, fields)
    return spliced(text, splices)


def as_written(files: Sequence[EvidenceFile]) -> list[dict[str, str]]:
    """Evidence as its list stands in the file."""
    return [file.model_dump(exclude_none=True) for file in files]


def _with_place_for_items(composed: Composed) -> Composed:
    """The sheet with a place for items: on lines of their own, or in brackets where all of it stands in brackets."""
    items = child(composed.root, "items")
    whole = in_brackets(composed.root)
    if isinstance(items, MappingNode) and (items.value or whole):
        return composed
    return compose(spliced(composed.text, [put(composed, composed.root, "items", {} if whole else None)]))


def _other_head(composed: Composed, asked: Questionnaire) -> list[tuple[str, str]]:
    """Keys of the head that name another checklist or version, with what they are to name."""
    now = {"checklist": asked.checklist, "version": asked.version}
    return [(key, value) for key, value in now.items() if _said(composed.root, key) != value]


def _said(node: Node | None, key: str) -> str | None:
    there = child(node, key)
    return None if there is None or is_empty(there) else str(there.value)


def _stamps(composed: Composed, items: Node, asked: Questionnaire) -> Iterator[Splice]:
    """On every answer that relied on the head to name its question: the checklist and version that the head named."""
    for key, _ in _other_head(composed, asked):
        named = _said(composed.root, key)
        for _, entry in pairs(items):
            if _said(entry, "answer") is not None and _said(entry, key) is None:
                yield put(composed, entry, key, named, behind=ORDER)


def _asked_anew(composed: Composed, items: Node, asked: Questionnaire, comments: Comments) -> Iterator[Splice]:
    """Above an answer to another version: the question as it is asked now, unless the file asks it in these words."""
    for key, _ in pairs(items):
        lines = comments.questions.get(key.value, ())
        if asked.states.get(key.value) != "question_changed" or in_brackets(items):
            continue
        if not any(all(line in composed.text for line in ask) for ask in comments.asks.get(key.value, ())):
            place = key.start_mark.index - key.start_mark.column
            indent = " " * key.start_mark.column
            yield place, place, "".join(f"{indent}{line}{composed.newline}" for line in lines)


def _new_questions(composed: Composed, items: Node, asked: Questionnaire, comments: Comments) -> Iterator[Splice]:
    """Every question that is not in the file yet, behind the one before it."""
    there = {key.value: (entry, key) for key, entry in pairs(items)}
    known = {one.section for one in asked.questions if one.item in there}
    new = [one.item for one in asked.questions if one.item not in there]
    if in_brackets(items):
        yield from [append(composed, items, ", ".join(f"{flow(item)}: {{answer: }}" for item in new))] if new else []
        return
    before: tuple[Node, Node] | None = None
    for question in asked.questions:
        if question.item in there:
            before = there[question.item]
            continue
        heading = () if question.section in known else comments.sections.get(question.section, ())
        known.add(question.section)
        lines = [*heading, "", *comments.questions.get(question.item, ()), f"{flow(question.item)}:"]
        lines += [f"  {field}:{' []' if field == 'evidence' else ''}" for field in FIELDS]
        yield _put_in(composed, items, before, lines)


def _put_in(composed: Composed, items: Node, before: tuple[Node, Node] | None, lines: Sequence[str]) -> Splice:
    """Lines behind an entry; before the first entry where there is none to come behind."""
    column = items.start_mark.column if pairs(items) else 2
    if before is not None:
        return below(composed, before[0], lines, column=column, key=before[1])
    (key,) = (name for name, _ in pairs(composed.root) if name.value == "items")
    return below(composed, key, lines, column=column)


def _changed_entry(
    composed: Composed, entry: Node, fields: Mapping[str, Any], question: tuple[str, str]
) -> Iterator[Splice]:
    # What is there first: a key that is new in brackets may be put in where an empty value stands, and comes behind it.
    for key in sorted(fields, key=lambda key: (child(entry, key) is None, ORDER.index(key))):
        there = child(entry, key)
        if there is None and fields[key] in (None, ()):
            continue
        if key == "evidence":
            yield from _evidence(composed, entry, there, fields[key])
        else:
            yield put(composed, entry, key, fields[key], behind=ORDER[: ORDER.index(key)])
    for key, value in zip(STAMP, question, strict=True):
        if "answer" in fields and _said(entry, key) not in (None, value):
            yield put(composed, entry, key, value)


def _evidence(composed: Composed, entry: Node, there: Node | None, files: Sequence[EvidenceFile]) -> Iterator[Splice]:
    """Files that stay keep their place and their words; those that come are put behind them."""
    listed = as_written(files)
    old = list(there.value) if isinstance(there, SequenceNode) else []
    if not old or [_said(one, "path") for one in old] != [one["path"] for one in listed[: len(old)]]:
        yield put(composed, entry, "evidence", listed, behind=ORDER[: ORDER.index("evidence")])
        return
    assert there is not None  # noqa: S101  (it holds files)
    for node, file in zip(old, listed, strict=False):
        for key in ("sha256", "renew"):
            if (_said(node, key) or "").lower() != file.get(key, ""):
                yield put(composed, node, key, file.get(key), behind=("path", "sha256"))
    for file in listed[len(old) :]:
        if in_brackets(there):
            yield append(composed, there, flow(file))
        else:
            yield below(composed, there, [f"- {flow(file)}"], column=there.start_mark.column)


def _first_entry(
    composed: Composed, items: Node | None, key: Node, entry: Node, fields: Mapping[str, Any]
) -> Iterator[Splice]:
    """What a person wrote nothing under is filled in."""
    told = {name: as_written(fields[name]) if name == "evidence" else fields[name] for name in ORDER if name in fields}
    told = {name: value for name, value in told.items() if value not in (None, [])}
    place = composed.colon(key)
    bracketed = items is None or in_brackets(items)
    yield place, max(place, composed.end(entry, key)), f" {flow(told)}" if bracketed else ""
    if not bracketed:
        lines = [f"{name}: {flow(value)}" for name, value in told.items()]
        yield below(composed, entry, lines, column=key.start_mark.column + 2, key=key)
