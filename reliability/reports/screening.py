"""A risk screening as plain rows for its template, in one language: it reads the record and judges nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reliability.checklist.references import References
from reliability.reports.clauses import Citations, Cited, Work
from reliability.reports.document import DocumentRecord
from reliability.reports.figures import counted
from reliability.reports.identification import amends
from reliability.reports.prior_review import PriorReview, answered_by, prior_review
from reliability.reports.rows import Row
from reliability.reports.screening_results import ResultView, results, statement
from reliability.reports.screening_steps import AnswerView, StageView, answer_views, shortened, stages
from reliability.reports.screening_wording import Wording
from reliability.reports.view import Cover, cover
from reliability.screening.questions import Questions
from reliability.screening.record import Change, Duty, Screening
from reliability.words.text import Words

KIND = "screening"
# What stands on the page for the decider; the rest is told by number and follows in its section.
MOST_ACTIONS, MOST_OPEN, MOST_LEFT = 3, 2, 3
MOST_OTHERS = 3
# What the first page says of itself whatever else there is: no legal advice, and that guidance is not statute.
NOTICES = ("no_legal_advice", "human_criterion")
MOST_NAME, MOST_PURPOSE = 170, 150


@dataclass(frozen=True, kw_only=True)
class ConfirmView:
    """Something that a person has to confirm: what, by whom, on which answers."""

    text: str
    who: str
    answers: tuple[AnswerView, ...]
    articles: tuple[Cited, ...]


@dataclass(frozen=True, kw_only=True)
class DutyView:
    """A duty that follows, or may."""

    text: str
    law: str
    force: str
    since: str
    state: str
    mark: str
    word: str
    articles: tuple[Cited, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """An answer, and what other answers to it would lead to."""

    answer: AnswerView
    others: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Headings:
    """The sentences that head the sections."""

    statement: str
    steps: str
    confirm: str
    duties: str
    changes: str
    answers: str
    references: str


@dataclass(frozen=True, kw_only=True)
class ForTheDecider:
    """What the first page says besides the results."""

    subject: tuple[Row, ...]
    actions: tuple[str, ...]
    open_questions: tuple[AnswerView, ...]
    more_open: str
    confirm: tuple[ConfirmView, ...]
    more_confirm: str
    notices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScreeningView:
    """Everything that a screening report prints besides its fixed words."""

    kind: str
    lang: str
    cover: Cover
    headings: Headings
    first: ForTheDecider
    results: tuple[ResultView, ...]
    actions: tuple[str, ...]
    stages: tuple[StageView, ...]
    confirm: tuple[ConfirmView, ...]
    duties: tuple[DutyView, ...]
    changes: tuple[ChangeView, ...]
    triggers: tuple[str, ...]
    review: PriorReview
    answers: tuple[AnswerView, ...]
    works: tuple[Work, ...]
    cautions: tuple[str, ...]
    identification: tuple[Row, ...]
    amends: tuple[Row, ...]


def screening_view(
    screening: Screening, document: DocumentRecord, *, words: Words, questions: Questions, references: References
) -> ScreeningView:
    """The rows of a screening report."""
    wording, citations = Wording(questions=questions, words=words), Citations(references=references, words=words)
    answers = answer_views(screening, wording)
    confirm = tuple(_confirm(screening, wording, citations, answers))
    duties = tuple(_duty(duty, wording, citations) for duty in screening.duties)
    changes = tuple(_changes(screening, wording, answers))
    keys = _cited_keys(screening)
    return ScreeningView(
        kind=KIND,
        lang=words.lang,
        cover=_cover(screening, document, words),
        headings=_headings(screening, words, changes=len(changes), keys=keys, citations=citations),
        first=_for_the_decider(screening, wording, answers, confirm),
        results=tuple(results(screening, wording)),
        actions=tuple(wording.text("actions", one) for one in screening.actions),
        stages=tuple(stages(screening, wording, citations, answers)),
        confirm=confirm,
        duties=duties,
        changes=changes,
        triggers=tuple(wording.text("triggers", one) for one in screening.triggers),
        review=prior_review(screening, wording, citations, answers),
        answers=tuple(answers.values()),
        works=tuple(citations.works(keys)),
        cautions=tuple(wording.text("cautions", one) for one in screening.cautions),
        identification=tuple(_identification(screening, words)),
        amends=tuple(amends(document, words)),
    )


def _cover(screening: Screening, document: DocumentRecord, words: Words) -> Cover:
    used, system = screening.questions, screening.system
    return cover(
        document,
        words,
        title=words.text("report.screening.title"),
        subtitle=f"{system.get('name', '')} {system.get('version', '')}".strip(),
        customer=screening.organisation.get("name", ""),
        created=screening.date,
        performed=screening.date,
        checklist=words.text("report.screening.questions_used", version=used.version, dated=used.dated),
    )


def _headings(
    screening: Screening, words: Words, *, changes: int, keys: Sequence[str], citations: Citations
) -> Headings:
    unconfirmed = sum(not citations.confirmed(key) for key in keys)
    answered, asked = len(screening.answers) - len(screening.open), len(screening.answers)
    return Headings(
        statement=statement(screening, words),
        steps=_steps_heading(screening, words),
        confirm=_none_or(words, "confirm", len(screening.confirm)),
        duties=_duties_heading(screening, words),
        changes=_none_or(words, "changes", changes),
        answers=words.text("report.screening.heading.answers", asked=asked, answered=answered),
        references=_none_or(words, "references", unconfirmed, of=len(keys)),
    )


def _none_or(words: Words, key: str, n: int, **values: object) -> str:
    heading = f"report.screening.heading.{key}"
    return counted(words, heading, n, **values) if n else words.text(f"{heading}.none", **values)


def _steps_heading(screening: Screening, words: Words) -> str:
    holds, left_open = (sum(step.met is value for step in screening.steps) for value in (True, None))
    key = "report.screening.heading.steps" + (".open" if left_open else "")
    return words.text(key, of=len(screening.steps), holds=holds, open=left_open)


def _duties_heading(screening: Screening, words: Words) -> str:
    kinds = [duty.force if duty.applies else "open" for duty in screening.duties]
    parts = [
        counted(words, f"report.screening.heading.duties.{kind}", kinds.count(kind))
        for kind in ("must", "endeavour", "open")
        if kind in kinds
    ]
    told = ", ".join(parts)
    return words.text("report.screening.heading.duties", told=told) if told else words.text(
        "report.screening.heading.duties.none"
    )  # fmt: skip


def _for_the_decider(
    screening: Screening, wording: Wording, answers: Mapping[str, AnswerView], confirm: Sequence[ConfirmView]
) -> ForTheDecider:
    words = wording.words
    deciding = [answers[one.question] for one in screening.open if one.decides and one.question in answers]
    told = MOST_LEFT - min(len(deciding), MOST_OPEN)
    as_of = words.text("report.screening.as_of", dated=screening.questions.dated)
    more_open, more_confirm = len(deciding) - MOST_OPEN, len(confirm) - told
    return ForTheDecider(
        subject=tuple(_subject(screening, wording, answers)),
        actions=tuple(wording.text("actions", one) for one in screening.actions[:MOST_ACTIONS]),
        open_questions=tuple(deciding[:MOST_OPEN]),
        more_open=counted(words, "report.screening.more_open", more_open) if more_open > 0 else "",
        confirm=tuple(confirm[:told]),
        more_confirm=counted(words, "report.screening.more_confirm", more_confirm) if more_confirm > 0 else "",
        notices=(
            *(wording.text("cautions", one) for one in NOTICES),
            f"{words.text('report.screening.tier_policy')} {as_of}",
        ),
    )


def _subject(screening: Screening, wording: Wording, answers: Mapping[str, AnswerView]) -> Iterator[Row]:
    words, system = wording.words, screening.system
    named = f"{system.get('name', '')} {system.get('version', '')}".strip()
    for name, text, most in (
        (words.text("report.screening.row.organisation"), screening.organisation.get("name", ""), MOST_NAME),
        (words.text("row.system"), named, MOST_NAME),
        (words.text("row.purpose"), system.get("purpose", ""), MOST_PURPOSE),
        (words.text("report.screening.row.answered_by"), answered_by(answers.values(), wording), MOST_NAME),
    ):
        yield Row(name=name, text=shortened(text, most))


def _confirm(
    screening: Screening, wording: Wording, citations: Citations, answers: Mapping[str, AnswerView]
) -> Iterator[ConfirmView]:
    for one in screening.confirm:
        yield ConfirmView(
            text=wording.text("confirm", one.confirm),
            who=wording.words.first(f"report.screening.who.{one.confirm}", "report.screening.who"),
            answers=tuple(answers[question] for question in one.answers if question in answers),
            articles=citations.cited(one.articles),
        )


def _duty(duty: Duty, wording: Wording, citations: Citations) -> DutyView:
    words = wording.words
    state = "open" if duty.applies is None else "now" if duty.in_force else "later"
    mark = {"open": "open", "now": "holds", "later": "later"}[state]
    return DutyView(
        text=wording.text("duties", duty.duty),
        law=wording.law(duty.law),
        force=words.text(f"report.screening.force.{duty.force}"),
        since=duty.since or "–",
        state=words.text(f"report.screening.duty.{state}"),
        mark=mark,
        word=words.text(f"report.screening.duty.{state}"),
        articles=citations.cited(duty.articles),
    )


def _changes(screening: Screening, wording: Wording, answers: Mapping[str, AnswerView]) -> Iterator[ChangeView]:
    by_question: dict[str, list[Change]] = {}
    for change in screening.changes:
        by_question.setdefault(change.question, []).append(change)
    for question, found in by_question.items():
        if question in answers:
            others = tuple(
                (tuple(_instead(change, wording)), wording.becomes(screening, change.becomes)) for change in found
            )
            yield ChangeView(answer=answers[question], others=others)


def _instead(change: Change, wording: Wording) -> Iterator[str]:
    """The other answers that lead to the same; of many, the first and how many more."""
    for other in change.instead[:MOST_OTHERS]:
        yield wording.instead(change.question, change.value, other)
    more = len(change.instead) - MOST_OTHERS
    if more > 0:
        yield wording.words.text("report.screening.more", n=more)


def _cited_keys(screening: Screening) -> list[str]:
    """Every clause that the record cites, once, in its order."""
    listed = [*(one.articles for one in screening.steps), *(one.articles for one in screening.duties)]
    listed += [one.articles for one in screening.confirm]
    return list(dict.fromkeys(key for articles in listed for key in articles))


def _identification(screening: Screening, words: Words) -> Iterator[Row]:
    used = screening.questions
    told = words.text("report.screening.questions_used", version=used.version, dated=used.dated)
    yield Row(name=words.text("report.screening.row.questions"), text=told, code=f"sha256 {used.sha256}")
    inputs = words.text("report.screening.inputs", version=screening.digest.system_version)
    yield Row(name=words.text("report.screening.row.inputs"), text=inputs, code=f"sha256 {screening.digest.sha256}")
    yield Row(name=words.text("report.screening.row.date"), text=screening.date)
