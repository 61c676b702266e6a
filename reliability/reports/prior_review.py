"""The record of prior review as a screening fills it in: criteria, conclusion, attachments; people decide and sign."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reliability.reports.clauses import Citations, Cited
from reliability.reports.rows import Row
from reliability.reports.screening_steps import MARKS, AnswerView
from reliability.reports.screening_wording import Wording
from reliability.screening.record import Screening

# The criteria of article 25 of the decree: the answers that speak to each, and the branches that weigh them.
CRITERIA: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "domain": (("kr_domains", "supports"), ("listed_domain",)),
    "effect": (
        ("affected", "harm", "reversible", "people_per_year", "vulnerable", "incidents"),
        ("significant_effect",),
    ),
    "specifics": (("sector_law",), ()),
    "operator": (("final_decision", "override_log", "appeal"), ("no_human_decision",)),
}
# Its four attachments, and the answers that are in the submission for each.
ATTACHMENTS: Mapping[str, tuple[str, ...]] = {
    "overview": ("role", "users", "supports", "model_origin", "deployment"),
    "training_data": ("data_sources", "personal_data", "protected_inputs"),
    "use": ("final_decision", "override_log", "appeal", "updates"),
    "other": ("third_parties", "sector_law", "certificates", "incidents"),
}
DECISIONS = ("high_impact", "not_high_impact", "ask_ministry")
SIGNING = ("writer", "reviewer", "head")


@dataclass(frozen=True, kw_only=True)
class CriterionView:
    """A criterion of the decree: what was answered to it, and what the screening makes of it."""

    title: str
    answers: tuple[AnswerView, ...]
    judged: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class AttachmentView:
    """An attachment: what it is to show, what the submission says to it, and what is to be added by hand."""

    title: str
    told: tuple[Row, ...]
    stands: str
    wanted: str


@dataclass(frozen=True, kw_only=True)
class ReasonView:
    """A step of the conclusion: its mark, the sentence, and its clauses."""

    mark: str
    word: str
    text: str
    articles: tuple[Cited, ...]


@dataclass(frozen=True, kw_only=True)
class PriorReview:
    """The record of prior review."""

    subject: tuple[Row, ...]
    criteria: tuple[CriterionView, ...]
    status: str
    reasons: tuple[ReasonView, ...]
    decisions: tuple[str, ...]
    attachments: tuple[AttachmentView, ...]
    signing: tuple[str, ...]


def prior_review(
    screening: Screening, wording: Wording, citations: Citations, answers: Mapping[str, AnswerView]
) -> PriorReview:
    """The record as far as a screening fills it in."""
    words = wording.words
    signing = (*SIGNING[:2], *(("second_reviewer",) if screening.hub.second_reviewer else ()), *SIGNING[2:])
    return PriorReview(
        subject=tuple(_subject(screening, wording, answers)),
        criteria=tuple(_criteria(screening, wording, answers)),
        status=wording.status("kr", screening.kr.status, screening.kr.possible),
        reasons=tuple(_reasons(screening, wording, citations)),
        decisions=tuple(words.text(f"report.screening.decision.{one}") for one in DECISIONS),
        attachments=tuple(_attachments(screening, wording, answers)),
        signing=tuple(words.text(f"report.screening.sign.{one}") for one in signing),
    )


def _subject(screening: Screening, wording: Wording, answers: Mapping[str, AnswerView]) -> Iterator[Row]:
    words, system = wording.words, screening.system
    yield Row(name=words.text("report.screening.row.organisation"), text=screening.organisation.get("name", ""))
    yield Row(name=words.text("row.system"), text=f"{system.get('name', '')} {system.get('version', '')}".strip())
    yield Row(name=words.text("row.purpose"), text=system.get("purpose", ""))
    if "role" in answers:
        yield Row(name=words.text("report.screening.row.role"), text=answers["role"].answer)
    yield Row(name=words.text("report.screening.row.date"), text=screening.date)
    yield Row(name=words.text("report.screening.row.answered_by"), text=answered_by(answers.values(), wording))


def answered_by(answers: Iterable[AnswerView], wording: Wording) -> str:
    """Who answered, and how many questions."""
    given = [one.by for one in answers if one.by]
    told = [wording.words.text("report.screening.answered_n", by=by, n=given.count(by)) for by in dict.fromkeys(given)]
    return ", ".join(told) or wording.words.text("report.not_stated")


def _criteria(screening: Screening, wording: Wording, answers: Mapping[str, AnswerView]) -> Iterator[CriterionView]:
    for name, (questions, branches) in CRITERIA.items():
        yield CriterionView(
            title=wording.words.text(f"report.screening.criterion.{name}"),
            answers=tuple(answers[one] for one in questions if one in answers),
            judged=tuple((one.mark, one.word, one.text) for one in _named(branches, screening, wording, None)),
        )


def _reasons(screening: Screening, wording: Wording, citations: Citations) -> Iterator[ReasonView]:
    names = (
        "is_ai",
        "defence",
        "listed_domain",
        "significant_effect",
        "kr_candidate",
        "no_human_decision",
        "kr_likely",
    )
    yield from _named(names, screening, wording, citations)


def _named(
    names: Sequence[str], screening: Screening, wording: Wording, citations: Citations | None
) -> Iterator[ReasonView]:
    steps = {step.branch: step for step in screening.steps}
    for name in names:
        step = steps.get(wording.branch_of(name) or "")
        if step is not None:
            mark = MARKS[step.met]
            yield ReasonView(
                mark=mark,
                word=wording.words.text(f"report.screening.step.{mark}"),
                text=wording.text("branches", step.branch),
                articles=citations.cited(step.articles) if citations else (),
            )


def _attachments(screening: Screening, wording: Wording, answers: Mapping[str, AnswerView]) -> Iterator[AttachmentView]:
    words, system = wording.words, screening.system
    for name, questions in ATTACHMENTS.items():
        asked = [one for one in questions if one in answers]
        told = [one for one in asked if not answers[one].open]
        rows = [Row(name=answers[one].brief, text=answers[one].answer) for one in told]
        if name == "overview":
            named = f"{system.get('name', '')} {system.get('version', '')}".strip()
            rows.insert(0, Row(name=words.text("row.system"), text=named))
        yield AttachmentView(
            title=words.text(f"report.screening.attachment.{name}"),
            told=tuple(rows),
            stands=words.text("report.screening.attachment_stands", n=len(told), of=len(asked)),
            wanted=words.text(f"report.screening.attachment.{name}.wanted"),
        )
