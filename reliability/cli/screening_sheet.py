"""screening_answers.yaml as text: questions added, answers changed, every other byte as it stands."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node

from reliability.checklist.references import references
from reliability.errors import SubmissionError
from reliability.questionnaire.comments import wrapped
from reliability.questionnaire.splices import (
    Composed,
    Splice,
    append,
    child,
    compose,
    flow,
    in_brackets,
    is_empty,
    pairs,
    put,
    spliced,
)
from reliability.reports.citations import marked
from reliability.screening.answers import ANSWERS, Answers, answers_in
from reliability.screening.questions import UNKNOWN, Question, Questions
from reliability.submission.places import inside
from reliability.words.text import Words
from reliability.yaml_lines import parse_yaml

FIELDS = ("value", "because", "by", "date", "version")
WIDTH = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """The sheet of answers beside a submission."""

    folder: Path
    questions: Questions
    said: Words
    write: Callable[[Path, bytes], None]

    @property
    def place(self) -> Path:
        """The file; links are followed, so that what they lead to is written and not replaced."""
        return inside(self.folder, ANSWERS, where=ANSWERS, key="file").resolve()

    def add(self, wanted: Iterable[str]) -> int:
        """Add the questions that are not there yet, each behind the one it follows; how many those were.

        Answers that were given to another version of the questions say so of themselves from then on.
        """
        there = self.place.exists()
        old = self._text() if there else self._head()
        stamped = self._stamped(old)
        composed = _with_place_for_answers(stamped)
        new = [name for name in wanted if name not in _named(composed)]
        text = spliced(composed.text, [*self._added(composed, new)])
        if new or text != old or not there:
            self._put(old, text, {name: {"value": UNKNOWN} for name in new})
        return len(new)

    def change(self, question: str, fields: Mapping[str, Any]) -> None:
        """Give an answer that stands in the sheet its new fields; None empties one."""
        old = self._text()
        composed = compose(old)
        entry = child(child(composed.root, "answers"), question)
        if not isinstance(entry, MappingNode):
            raise _cannot(self.place.name)
        there = [name.value for name, _ in pairs(entry)]
        told = {key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()}
        text = spliced(old, [
            put(composed, entry, key, value, behind=FIELDS[: FIELDS.index(key)])
            for key, value in told.items()
            if value is not None or key in there
        ])  # fmt: skip
        self._put(old, text, {question: fields})

    def read(self) -> Answers:
        """The answers as they stand in the sheet."""
        return answers_in(parse_yaml(self.place.read_bytes(), error=SubmissionError, name=ANSWERS), self.questions)

    def _text(self) -> str:
        return self.place.read_bytes().decode("utf-8-sig")

    def _head(self) -> str:
        lines = [self.said.text(f"screening.sheet.{key}") for key in ("title", "how", "reason", "who", "advice")]
        comments = [f"# {one}" for line in lines for one in wrapped(line, WIDTH)]
        return "\n".join([*comments, "screening: 1", f"version: {flow(self.questions.text.version)}", "answers:", ""])

    def _stamped(self, text: str) -> str:
        """The text under the version of today, each earlier answer under its own."""
        composed = compose(text)
        version, answers = child(composed.root, "version"), child(composed.root, "answers")
        if version is None or version.value == self.questions.text.version:
            return text
        entries = [entry for _, entry in pairs(answers) if isinstance(entry, MappingNode)]
        stamps = [
            put(composed, entry, "version", version.value, behind=FIELDS)
            for entry in entries
            if child(entry, "version") is None
        ]
        return spliced(text, [*stamps, put(composed, composed.root, "version", self.questions.text.version)])

    def _added(self, composed: Composed, new: Iterable[str]) -> Iterator[Splice]:
        answers = child(composed.root, "answers")
        before: Node | None = None
        for name, question in self.questions.by_id.items():
            if name in new:
                yield self._put_in(composed, answers, before, question)
            else:
                before = child(answers, name) or before

    def _put_in(self, composed: Composed, answers: Node | None, before: Node | None, question: Question) -> Splice:
        if answers is not None and in_brackets(answers):
            return append(composed, answers, f"{question.id}: {{value: {UNKNOWN}}}")
        column = answers.value[0][0].start_mark.column if isinstance(answers, MappingNode) else 2
        key = next(name for name, _ in pairs(composed.root) if name.value == "answers")
        place = composed.below(before) if before is not None else composed.line_end(key.end_mark.index)
        lines = ["", *self.comments(question), f"{question.id}:", f"  value: {UNKNOWN}"]
        lines += ["  because:"] if question.reason_for else []
        return place, place, "".join(f"{composed.newline}{' ' * column}{line}".rstrip(" ") for line in lines)

    def comments(self, question: Question) -> list[str]:
        """What stands above a question: its words, why it is asked, an example, the clauses, what may be written."""
        said, lang = self.said, self.said.lang
        told = [getattr(question.ask, lang)]
        rows = [
            ("why", getattr(question.why, lang)),
            ("example", getattr(question.example, lang)),
            ("references", self.cited(question)),
            ("only_if", question.when or ""),
            ("reason_for", ", ".join(flow(one) for one in question.reason_for)),
        ]
        told += [f"{said.text(f'screening.{key}')}: {text}" for key, text in rows if text]
        told.append(f"{said.text('screening.values')}: {self._values(question)}")
        told += [f"  {choice.id}: {getattr(choice.text, lang)}" for choice in question.choices]
        return [f"# {'  ' if place else ''}{line}" for one in told for place, line in enumerate(_lines(one))]

    def cited(self, question: Question) -> str:
        """The clauses that a question rests on, with their titles; the line says so where one is not confirmed."""
        known, said = references(), self.said
        titles = {key: known.entries[key].title[said.lang] for key in question.references if key in known.entries}
        line = " · ".join(f"{marked(key)} {titles.get(key, '')}".strip() for key in question.references)
        doubtful = any(known.unconfirmed(key) for key in question.references)
        return f"{line} ({said.text('answers.unconfirmed')})" if doubtful else line

    def _values(self, question: Question) -> str:
        unit = "" if question.unit is None else getattr(question.unit, self.said.lang)
        return self.said.text(f"screening.values.{question.kind}", unit=unit)

    def _put(self, old: str, new: str, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the sheet, if it says what it said before but for the changes."""
        before, after = (_answers_of(text) for text in (old, new))
        for question, fields in changes.items():
            told = {key: list(one) if isinstance(one, tuple) else one for key, one in fields.items()}
            before[question] = {**(before.get(question) or {}), **told}
        if _said_in(before) != _said_in(after):
            raise _cannot(self.place.name)
        self.write(self.place, new.encode())


def _lines(text: str) -> list[str]:
    indent = "  " if text.startswith("  ") else ""
    return [f"{indent}{line}" for line in wrapped(text, WIDTH)]


def _cannot(name: str) -> SubmissionError:
    return SubmissionError(
        "screening_not_mergeable",
        "{where}: cannot be changed without losing something; write each answer as ID: {{value: …}} and try again",
        where=name,
    )


def _answers_of(text: str) -> dict[str, Any]:
    data = parse_yaml(text.encode(), error=SubmissionError, name=ANSWERS).data
    return dict((data or {}).get("answers") or {})


def _said_in(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers without their stamps and empty fields, which say nothing."""
    return {
        name: {key: one for key, one in entry.items() if one is not None and key != "version"}
        if isinstance(entry, dict)
        else entry
        for name, entry in answers.items()
    }


def _named(composed: Composed) -> list[str]:
    return [name.value for name, _ in pairs(child(composed.root, "answers"))]


def _with_place_for_answers(text: str) -> Composed:
    """The text with `answers:` to put lines below; brackets with nothing in them, or a null, are taken away."""
    composed = compose(text)
    answers = child(composed.root, "answers")
    if answers is None:
        return compose(f"{text.rstrip()}{composed.newline}answers:{composed.newline}")
    if not pairs(answers) and not is_empty(answers):
        return compose(spliced(text, [(answers.start_mark.index, answers.end_mark.index, "")]))
    return composed
