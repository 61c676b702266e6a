"""The screening as an interview: one question of fact at a time, one key or one line an answer, saved after each."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from reliability.cli.interview import typed
from reliability.cli.screen import console, plain
from reliability.cli.screening_sheet import Sheet
from reliability.errors import SubmissionError
from reliability.reports.screening_wording import Wording
from reliability.screening.answers import ScreeningAnswer, answered_value
from reliability.screening.conclusions import Conclusions, conclude
from reliability.screening.inputs import Inputs, refuse_contradictions
from reliability.screening.questions import UNKNOWN, Question
from reliability.submission.answers import refuse_unstorable
from reliability.words.text import Words

Kind: TypeAlias = Literal["answer", "keep", "skip", "back", "quit", "unclear"]

# The same keys while the keyboard is set to Hangul, and the words themselves: what a hurried person types.
KEYS: dict[str, Kind] = {
    "": "keep", "s": "skip", "ㄴ": "skip", "b": "back", "ㅠ": "back", "q": "quit", "ㅂ": "quit",
}  # fmt: skip
DONT_KNOW = frozenset({"?", "unknown", "모름", "모르겠음", "모릅니다"})
YES = frozenset({"y", "yes", "true", "예", "네", "ㅛ"})
NO = frozenset({"n", "no", "false", "아니요", "아니오", "아뇨", "ㅜ"})
SCALES = {"": 1, "천": 10**3, "만": 10**4, "억": 10**8, "조": 10**12}

_NUMBERS = re.compile(r"((?:\d{1,3}(?=[\s,]|$)[\s,]*)+)(.*)", re.DOTALL)
_QUANTITY = re.compile(
    r"(\d+(?:\.\d+)?(?:[eE]\+?\d{1,3})?)\s*([천만억조]?)\s*(?:명|원|people|krw|flop)?", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a person typed: which key, the value, and the reason behind it."""

    kind: Kind
    value: Any = None
    because: str | None = None


def understood(line: str, question: Question) -> Reply:
    """The line as a reply to a question."""
    line = line.strip()
    word, _, rest = line.partition(" ")
    word = word if word in KEYS or word in YES | NO else unicodedata.normalize("NFKC", word).lower()
    if not rest and word in KEYS:
        return Reply(kind=KEYS[word])
    because = rest.strip() or None
    if word in DONT_KNOW:
        return Reply(kind="answer", value=UNKNOWN, because=because)
    match question.kind:
        case "yes_no":
            known = word in YES or word in NO
            return Reply(kind="answer", value=word in YES, because=because) if known else Reply(kind="unclear")
        case "choice":
            return _one_of(question, word, because)
        case "list":
            return _some_of(question, line)
        case "number":
            return _quantity(line)


def _one_of(question: Question, word: str, because: str | None) -> Reply:
    met = _NUMBERS.fullmatch(word.rstrip(".)"))
    place = int(met[1]) if met and met[1].isdecimal() and not met[2] else 0
    if not 1 <= place <= len(question.choices):
        return Reply(kind="unclear")
    return Reply(kind="answer", value=question.choices[place - 1].id, because=because)


def _some_of(question: Question, line: str) -> Reply:
    """Numbers, however they are separated, and then the reason."""
    met = _NUMBERS.fullmatch(line)
    places = [int(number) for number in re.findall(r"\d+", met[1])] if met else []
    if not places or not all(1 <= place <= len(question.choices) for place in places):
        return Reply(kind="unclear")
    chosen = [question.choices[place - 1].id for place in places]
    return Reply(kind="answer", value=chosen, because=met[2].strip() or None if met else None)


def _quantity(line: str) -> Reply:
    met = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", line).replace(",", "").replace("_", ""))
    if met is None:
        return Reply(kind="unclear")
    number = float(met[1]) * SCALES[met[2]]
    return Reply(kind="answer", value=int(number) if number.is_integer() and number < 10**15 else number)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What is offered as the answer: one given before, or a stated fact; `counts` if it stands already."""

    value: Any
    because: str | None
    told: str
    counts: bool


@dataclass(kw_only=True)
class Interview:
    """Asks what is open, or all there is, and saves after each answer."""

    inputs: Inputs
    sheet: Sheet
    said: Words
    today: str
    by: str | None = None
    ask: Callable[[str], str] = typed
    screen: Console = field(default_factory=lambda: console(stderr=True))

    def run(self, *, everything: bool) -> Inputs:
        """Ask one question after another until there is none left or the person has had enough."""
        passed: list[str] = []
        again: str | None = None
        while (question := self._next(passed, again, everything=everything)) is not None:
            if not self._has_name():
                break
            again = None
            match self._one(question):
                case "quit":
                    self._tell("stopped")
                    break
                case "back":
                    again = passed.pop() if passed else None
                case _:
                    passed.append(question.id)
        return self.inputs

    def _has_name(self) -> bool:
        """Ask once who answers; a name may be left out."""
        while self.by is None:
            name = self.ask(self.said.text("screening.who")).strip()
            self.by = name if self._fits(name, "by") else None
        return KEYS.get(self.by) != "quit"

    def _fits(self, text: str, key: str) -> bool:
        """Whether a sheet can hold the words; why not is told."""
        try:
            refuse_unstorable(text, where="–", key=key)
        except SubmissionError as refused:
            self._refused(refused)
            return False
        return True

    def _next(self, passed: list[str], again: str | None, *, everything: bool) -> Question | None:
        """The question to go back to, or the first that is asked, was not passed, and is open or gone through again."""
        found = self._concluded()
        for question in self.inputs.questions.text.questions:
            open_yet = question.id not in found.values
            wanted = (everything or open_yet) and question.id not in passed and found.asked[question.id]
            if question.id == again or (again is None and wanted):
                return question
        return None

    def _one(self, question: Question) -> Kind:
        """Ask one question until the person goes on, back, or ends it all."""
        self._show(question)
        while True:
            reply = understood(self.ask(self.said.text("screening.prompt")), question)
            if reply.kind == "unclear":
                self._tell(f"unclear.{question.kind}")
            elif reply.kind not in {"keep", "answer"} or (
                self._keep(question) if reply.kind == "keep" else self._answer(question, reply)
            ):
                return reply.kind

    def _keep(self, question: Question) -> bool:
        earlier = self._earlier(question)
        if earlier is None:
            self._tell("nothing_to_keep")
            return False
        return earlier.counts or self._answer(
            question, Reply(kind="answer", value=earlier.value, because=earlier.because)
        )

    def _answer(self, question: Question, reply: Reply) -> bool:
        """Save an answer; False where it cannot be taken, which is told."""
        try:
            value = UNKNOWN if reply.value == UNKNOWN else answered_value(question, reply.value, where=question.id)
            because = reply.because or self._same_reason(question, value)
            refuse_unstorable(because or "", where=question.id, key="because")
            if question.needs_reason(value) and because is None:
                self._tell("reason_needed", value=self._told(question, value))
                return False
            self._save(question, ScreeningAnswer(value=value, because=because, by=self.by or None, date=self.today))
        except SubmissionError as refused:
            self._refused(refused)
            return False
        self._tell("saved", value=self._told(question, value))
        return True

    def _same_reason(self, question: Question, value: Any) -> str | None:
        earlier = self._earlier(question)
        return earlier.because if earlier is not None and earlier.value == value else None

    def _save(self, question: Question, answer: ScreeningAnswer) -> None:
        given = {**self.inputs.answers.given, question.id: answer}
        outdated = self.inputs.answers.outdated - {question.id}
        refuse_contradictions(
            replace(self.inputs, answers=replace(self.inputs.answers, given=given, outdated=outdated))
        )
        fields = answer.model_dump(exclude={"version"})
        if question.id in self.inputs.answers.outdated:
            fields["version"] = self.inputs.questions.text.version
        self.sheet.add([question.id])
        self.sheet.change(question.id, fields)
        self.inputs = replace(self.inputs, answers=self.sheet.read())

    def _earlier(self, question: Question) -> Earlier | None:
        """What can be offered: the answer that stands, one to an earlier version, or the stated fact."""
        given = self.inputs.answers.given.get(question.id)
        if given is not None and given.value != UNKNOWN:
            outdated = question.id in self.inputs.answers.outdated
            who = ", ".join(one for one in (given.by, given.date) if one)
            told = self.said.text("screening.earlier_changed" if outdated else "screening.earlier")
            because = f" — {given.because}" if given.because else ""
            return Earlier(
                value=given.value, because=given.because, counts=not outdated,
                told=f"{told}: {self._told(question, given.value)}{f' ({who})' if who else ''}{because}",
            )  # fmt: skip
        fact = self.inputs.manifest.stated_facts().get(question.fact or "")
        if fact is None:
            return None
        told = self.said.text("screening.stated", value=self._told(question, fact.is_))
        return Earlier(value=fact.is_, because=fact.because, counts=False, told=told)

    def _told(self, question: Question, value: Any) -> str:
        shown = tuple(value) if isinstance(value, list) else value
        return Wording(questions=self.inputs.questions, words=self.said).answer(question.id, shown)

    def _concluded(self) -> Conclusions:
        return conclude(self.inputs.questions, self.inputs.answers.values, self.inputs.stated)

    def _show(self, question: Question) -> None:
        found, said = self._concluded(), self.said
        asked = [one.id for one in self.inputs.questions.text.questions if found.asked[one.id] is True]
        place = asked.index(question.id) + 1 if question.id in asked else len(asked)
        self.screen.print(
            "", Text(f"[{place}/{len(asked)}] {getattr(question.ask, said.lang)}", style="bold"), sep="\n"
        )
        for key in ("why", "example"):
            self._indented(f"{said.text(f'screening.{key}')}: {getattr(getattr(question, key), said.lang)}", "dim")
        self._indented(f"{said.text('screening.references')}: {self.sheet.cited(question)}", "dim")
        for number, choice in enumerate(question.choices, 1):
            self._indented(f"{number:>2}  {getattr(choice.text, said.lang)}")
        earlier = self._earlier(question)
        if earlier is not None:
            self._indented(earlier.told, "magenta")
        with_reason = ["keys.reason"] if question.reason_for else []
        keys = [f"keys.{question.kind}", *with_reason, *(["keys.keep"] if earlier else []), "keys.others"]
        self._indented("  ".join(said.text(f"screening.{key}") for key in keys), "cyan")

    def _refused(self, refused: SubmissionError) -> None:
        self._indented(self.said.first(f"error.{refused.code}", **refused.values) or str(refused))

    def _indented(self, text: str, style: str = "") -> None:
        self.screen.print(Padding(Text(plain(text), style=style), (0, 0, 0, 2)))

    def _tell(self, key: str, /, **values: object) -> None:
        self._indented(self.said.text(f"screening.{key}", **values))
