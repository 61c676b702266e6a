"""The questionnaire as an interview: one question at a time, one key or one line an answer, saved after each."""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from reliability.checklist.finding import checked_by_other
from reliability.cli.main import language_on_the_way
from reliability.cli.screen import console, plain
from reliability.cli.troubles import trouble_text
from reliability.errors import SubmissionError
from reliability.questionnaire.comments import cited, needed, why
from reliability.questionnaire.evidence import attached
from reliability.questionnaire.file import Answers
from reliability.questionnaire.questions import Question, Questionnaire, State
from reliability.records import Answer
from reliability.submission.answers import Draft, refuse_unstorable
from reliability.words.text import Words, words

Kind: TypeAlias = Literal["answer", "keep", "skip", "back", "check", "attach", "quit", "unclear"]

ANSWERS = {"1": "met", "2": "partly", "3": "not_met", "4": "not_applicable"}
# The same keys while the keyboard is set to Hangul: what a hurried person types.
HANGUL_KEYS = {"ㄴ": "s", "ㅂ": "q", "ㄷ": "e", "ㅠ": "b", "ㅊ": "c"}
KEYS: dict[str, Kind] = {"s": "skip", "q": "quit", "b": "back", "c": "check"}
MOST_CITED = 4
LONGEST_PROMPT = 30

_NUMBERED = re.compile(r"([1-4])(?:[\s.,:)]+(.*))?", re.DOTALL)
_ATTACH = re.compile(r"e\s+(.+?)(?:\s+(\d{4}-\d{2}-\d{2}))?", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a person typed: which key, and what stands behind it."""

    kind: Kind
    answer: str = ""
    note: str | None = None
    path: str = ""
    renew: str | None = None


def understood(line: str) -> Reply:
    """The line as a reply; a note of `-` takes the earlier note away."""
    line = line.strip()
    key, rest = unicodedata.normalize("NFKC", line[:1]), line[1:]
    typed = HANGUL_KEYS.get(line[:1], key.lower()) + rest
    if not line:
        return Reply(kind="keep")
    if numbered := _NUMBERED.fullmatch(typed):
        return Reply(kind="answer", answer=ANSWERS[numbered[1]], note=numbered[2] or None)
    if named := _ATTACH.fullmatch(typed):
        return Reply(kind="attach", path=named[1], renew=named[2])
    return Reply(kind=KEYS.get(typed, "unclear"))


def line_typed(prompt: str) -> str:
    """What a person types, as one line; the end of input is `click.Abort`."""
    with suppress(ImportError):  # a Python without it still reads lines
        # Imported where somebody types: a line may then be longer than a terminal's 4,095 bytes, and be edited.
        import readline  # noqa: F401  (loaded for what it does)
    if len(prompt) > LONGEST_PROMPT:  # readline would scroll it out of sight
        click.echo(prompt, err=True)
        prompt = ">"
    while True:
        try:
            line = input(f"{prompt} ")
            line.encode()  # refuses the stand-ins for bytes that are no characters
        except (EOFError, KeyboardInterrupt):
            raise click.Abort from None
        except UnicodeError:  # a terminal set to another encoding, or a line cut inside a character
            click.echo(words(language_on_the_way(sys.argv[1:])).text("answers.unreadable_line"), err=True)
        else:
            return line


def typed(prompt: str) -> str:
    """What a person types, as one line; the end of input is the key that ends the interview."""
    try:
        return line_typed(prompt)
    except click.Abort:
        click.echo(err=True)
        return "q"


@dataclass(kw_only=True)
class Interview:
    """Asks what is not answered yet, or all there is, and saves after each answer."""

    answers: Answers
    said: Words
    by: str | None = None
    beside: Path = field(default_factory=Path)  # where the person is who types a path
    ask: Callable[[str], str] = typed
    screen: Console = field(default_factory=lambda: console(stderr=True))

    def run(self, *, everything: bool) -> None:
        """Ask one question after another until there is none left or the person has had enough."""
        asked = self.answers.asked()
        items = [one.item for one in asked.questions if everything or _open(one.item, asked)]
        if not items:
            self._tell(self.said.text("answers.all_answered"))
            return
        self.by = self.by or self._name()
        place = 0
        while self.by is not None and place < len(items):
            step = self._one(items[place], place + 1, len(items))
            if step is None:
                self._tell(self.said.text("answers.stopped"))
                return
            place = max(0, place + step)

    def _name(self) -> str | None:
        while True:
            name = self.ask(self.said.text("answers.who")).strip()
            if understood(name).kind == "quit":
                return None
            if name and self._fits(name, "by"):
                return name

    def _one(self, item: str, number: int, of: int) -> int | None:
        """Ask one question until the person goes on (1), back (-1), or ends it all (None)."""
        self._show(item, number, of)
        while True:
            asked = self.answers.asked()
            reply = understood(self.ask(self.said.text("answers.prompt")))
            match reply.kind:
                case "quit":
                    return None
                case "skip":
                    return 1
                case "back":
                    return -1
                case "answer":
                    done = self._answer(item, reply, asked)
                case "keep":
                    done = self._keep(item, asked)
                case "check":
                    done = self._check(item, asked)
                case "attach":
                    done = self._attach(item, reply, asked)
                case _:
                    done = self._say("answers.unclear")
            if done:
                return 1

    def _answer(self, item: str, reply: Reply, asked: Questionnaire) -> bool:
        earlier = _earlier(item, asked)
        note = earlier.note if reply.note is None else None if reply.note == "-" else reply.note
        if reply.answer == "not_applicable" and note is None:
            return self._say("answers.reason_needed")
        if not self._fits(note or "", "note"):
            return False
        fields = {"answer": reply.answer, **({} if reply.note is None else {"note": note})}
        self._save(item, fields, asked)
        if reply.note is None and note is not None:
            self._say("answers.note_kept", note=note)
        return True

    def _keep(self, item: str, asked: Questionnaire) -> bool:
        given = asked.answers.get(item)
        if given is None:
            return self._say("answers.nothing_to_keep")
        if asked.states[item] == "question_changed":
            self._save(item, {"answer": given.answer}, asked)
        return True

    def _check(self, item: str, asked: Questionnaire) -> bool:
        given = asked.answers.get(item)
        if given is None or asked.states[item] != "answered":
            return self._say("answers.nothing_to_check")
        if not self._is_of_another(given):
            return self._say("answers.own_answer", by=given.by or "–")
        self.answers.change({item: {"checked_by": self.by}})
        self._say("answers.checked", item=item, by=self.by)
        return True

    def _is_of_another(self, given: Answer) -> bool:
        return checked_by_other(given.model_copy(update={"checked_by": self.by}))

    def _attach(self, item: str, reply: Reply, asked: Questionnaire) -> bool:
        """Take a file in and stay at the question; one that is listed already gets its digest of today."""
        place = self.answers.place
        try:
            file = attached(place.folder, reply.path, beside=self.beside, where=item)
        except SubmissionError as refused:
            self._tell(self.said.first(f"error.{refused.code}", **refused.values) or str(refused))
            return False
        earlier = _earlier(item, asked)
        kept = {one.path: one for one in earlier.evidence}
        renew = reply.renew or (kept[file.path].renew if file.path in kept else None)
        kept[file.path] = file.model_copy(update={"renew": renew})
        self.answers.change({item: {"evidence": tuple(kept.values()), **_unchecked(earlier)}})
        return self._say("answers.attached", path=file.path, sha256=file.sha256[:12])

    def _save(self, item: str, fields: dict[str, Any], asked: Questionnaire) -> None:
        told = {**fields, "by": self.by, "date": self.answers.today.isoformat(), **_unchecked(_earlier(item, asked))}
        self.answers.change({item: told})
        self._say("answers.saved", item=item, answer=self.said.text(f"answer.{fields['answer']}"))

    def _fits(self, text: str, key: str) -> bool:
        try:
            refuse_unstorable(text, where="–", key=key)
        except SubmissionError as refused:
            self._tell(self.said.first(f"error.{refused.code}", **refused.values) or str(refused))
            return False
        return True

    def _show(self, item: str, number: int, of: int) -> None:
        asked = self.answers.asked()
        question = asked.question(item)
        lang = self.said.lang
        head = f"[{number}/{of}] {question.section_title[lang]} · {question.item} {question.title[lang]}"
        self.screen.print(
            "", Text(plain(f"{head} [{self.said.text(f'severity.{question.severity}')}]"), style="bold"), sep="\n"
        )
        self._indented(question.ask[lang])
        for key, text in _beside(question, asked, self.said):
            self._indented(f"{self.said.text(f'answers.{key}')}: {text}", style="dim")
        self._indented(self._keys(asked.answers.get(item), asked.states[item]), style="cyan")

    def _keys(self, given: Answer | None, state: State) -> str:
        """The keys that mean something at this question."""
        said = self.said
        keys = [f"{key} {said.text(f'answers.key.{answer}')}" for key, answer in ANSWERS.items()]
        keys += [] if given is None else [said.text("answers.key.keep")]
        if given is not None and state == "answered" and self._is_of_another(given):
            keys.append(said.text("answers.key.check"))
        return "  ".join([*keys, *(said.text(f"answers.key.{key}") for key in ("skip", "attach", "back", "quit"))])

    def _indented(self, text: str, style: str = "") -> None:
        self.screen.print(Padding(Text(plain(text), style=style), (0, 0, 0, 2)))

    def _say(self, key: str, /, **values: object) -> bool:
        """Tell it; the question stays."""
        self._tell(self.said.text(key, **values))
        return False

    def _tell(self, text: str) -> None:
        self._indented(text)


def _open(item: str, asked: Questionnaire) -> bool:
    """Whether a question needs somebody: not answered, answered to another version, or not borne out."""
    return asked.states[item] != "answered" or item in asked.troubles


def _earlier(item: str, asked: Questionnaire) -> Answer | Draft:
    return asked.answers.get(item) or asked.drafts.get(item) or Draft()


def _unchecked(earlier: Answer | Draft) -> dict[str, None]:
    """A check speaks of what was checked: it ends with the next change."""
    return {} if earlier.checked_by is None else {"checked_by": None}


def _beside(question: Question, asked: Questionnaire, said: Words) -> Iterator[tuple[str, str]]:
    """What is shown under a question, with the key of its name."""
    rows = (
        ("requirement", question.requirement[said.lang]),
        ("references", cited(question, said, most=MOST_CITED)),
        ("evidence", question.evidence[said.lang]),
        ("applies", why(question, said)),
        ("needed", needed(question, said)),
    )
    yield from ((key, text) for key, text in rows if text)
    earlier = _earlier(question.item, asked)
    if isinstance(earlier, Answer):
        changed = asked.states[question.item] == "question_changed"
        yield "earlier_changed" if changed else "earlier", _given(earlier, said)
    elif earlier.note is not None:
        yield "drafted", earlier.note
    if earlier.evidence:
        yield "files", ", ".join(one.path for one in earlier.evidence)
    yield from (("trouble", trouble_text(one, said)) for one in asked.troubles.get(question.item, ()))


def _given(answer: Answer, said: Words) -> str:
    who = ", ".join(part for part in (answer.by, answer.date) if part)
    note = f" — {answer.note}" if answer.note else ""
    return f"{said.text(f'answer.{answer.answer}')}{f' ({who})' if who else ''}{note}"
