"""What stands beside a question: its words, why it is asked, what it rests on, what counts as evidence."""

import unicodedata
from collections.abc import Iterator, Mapping

from reliability.checklist.references import References, references
from reliability.facts import Truth
from reliability.questionnaire.questions import Question, Questionnaire
from reliability.questionnaire.sheet import Comments
from reliability.submission.answers import EVIDENCE_KINDS
from reliability.words.text import LANGUAGES, Words, words

WIDTH = 100
_UNCONFIRMED = "†"
_FACT: Mapping[Truth, str] = {True: "yes", False: "no", None: "unknown"}


def comments(asked: Questionnaire, said: Words) -> Comments:
    """The comments of a sheet, in one language."""
    titles = {one.section: one.section_title[said.lang] for one in asked.questions}
    kinds = ", ".join(EVIDENCE_KINDS)
    head = [said.text("answers.head.title", title=asked.title[said.lang], version=asked.version)]
    head += [said.text(f"answers.head.{key}", kinds=kinds) for key in ("how", "answer", "evidence", "checked", "again")]
    return Comments(
        head=tuple(_lines(head)),
        sections={section: ("", *_lines([f"── {title} " + "─" * 8])) for section, title in titles.items()},
        questions={one.item: tuple(_lines(_question(one, said))) for one in asked.questions},
        asks={
            one.item: tuple(tuple(_lines([_ask(one, words(lang))])) for lang in LANGUAGES) for one in asked.questions
        },
    )


def why(question: Question, said: Words) -> str:
    """Why a question is asked: the facts under which it applies; empty where it always does."""
    if question.when is None:
        return ""
    key = "unknown" if None in question.facts.values() else "known"
    told = [
        f"{said.first(f'fact.{name}.question') or name} {said.text(f'answers.fact.{_FACT[value]}')}"
        for name, value in question.facts.items()
    ]
    return said.text(f"answers.applies.{key}", facts=" / ".join(told))


def cited(question: Question, said: Words, *, most: int | None = None) -> str:
    """What a question rests on: keys with their titles, and whether a clause is not confirmed yet; at most so many."""
    known = references()
    told = [_cited(key, known, said) for key in question.references[:most]]
    left = len(question.references) - len(told)
    text = " · ".join([*told, *([said.text("answers.more", n=left)] if left else [])])
    return f"{text} ({said.text('answers.unconfirmed')})" if _UNCONFIRMED in text else text


def needed(question: Question, said: Words) -> str:
    """What an answer must bring along; empty where nothing is required."""
    wanted = {"evidence": question.evidence_required, "checked_by": question.checked_by_required}
    return " ".join(said.text(f"answers.needed.{key}") for key, required in wanted.items() if required)


def _question(question: Question, said: Words) -> list[str]:
    lang = said.lang
    rows = [
        ("requirement", question.requirement[lang]),
        ("references", cited(question, said)),
        ("evidence", question.evidence[lang]),
        ("applies", why(question, said)),
        ("needed", needed(question, said)),
    ]
    head = f"{question.item} {question.title[lang]} [{said.text(f'severity.{question.severity}')}]"
    return [head, _ask(question, said), *(f"{said.text(f'answers.{key}')}: {text}" for key, text in rows if text)]


def _ask(question: Question, said: Words) -> str:
    return f"{said.text('answers.ask')}: {question.ask[said.lang]}"


def _cited(key: str, known: References, said: Words) -> str:
    if key not in known.entries:
        return key
    return f"{key} {known.entries[key].title[said.lang]}{_UNCONFIRMED if known.unconfirmed(key) else ''}"


def _lines(texts: list[str]) -> Iterator[str]:
    """Texts as comments of a bearable width; what a text goes on with is set in."""
    for text in texts:
        for place, line in enumerate(wrapped(text, WIDTH)):
            yield f"# {'  ' if place else ''}{line}"


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of a width, Korean letters counted as two; nothing in it can end a comment."""
    lines, line = [], ""
    for word in "".join(mark if mark.isprintable() else " " for mark in text).split():
        longer = f"{line} {word}".strip()
        if line and wide(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def wide(text: str) -> int:
    """How many columns a text takes on a screen."""
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)
