"""What changed between two checklists, for the people who answered the first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from reliability.checklist.read import Checklist, Item
from reliability.records import Criterion, Json, Severity
from reliability.records import Rule as RuleName

Code: TypeAlias = Literal[
    "same_version", "rule_default", "confidence", "bar", "open_minor",
    "added", "dropped", "moved", "asked_now", "measured_now",
    "question", "evidence", "requirement", "title", "remedy", "references",
    "severity", "escalate", "when", "own_bar", "evidence_needed", "second_person",
    "criterion_added", "criterion_dropped", "limit", "judged_now", "reported_now", "rule", "source", "options",
]  # fmt: skip
CODES: tuple[Code, ...] = get_args(Code)
Way: TypeAlias = Literal["tighter", "looser", "other"]
# A question is what is asked and what counts as evidence: either one reworded calls for a fresh answer.
REWORDED: frozenset[Code] = frozenset({"question", "evidence"})

_SEVERITIES: tuple[Severity, ...] = ("minor", "major", "critical")
# From the rule that lets most pass to the one that lets least; `exact` stands apart: it holds counts, not estimates.
_RULES: tuple[RuleName, ...] = ("simple", "four_way", "guarded")
_BARS = ("conditional_pass", "pass")
_NEEDS = ("optional", "required")
_COMPARATORS = frozenset({"at_least", "at_most", "between", "equals"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changed: of an item (None: of the checklist), from what to what, and which way."""

    code: Code
    item: str | None = None
    way: Way = "other"
    old: Json = None
    new: Json = None
    about: Mapping[str, Json] = field(default_factory=dict)

    def record(self) -> dict[str, Json]:
        """The change as plain JSON."""
        return {
            "code": self.code, "item": self.item, "way": self.way, "old": self.old, "new": self.new,
            "about": dict(self.about),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All changes from one checklist to another, and what becomes of the answers to its questions.

    An answer holds for one version of one checklist: even a question worded as before is confirmed anew.
    """

    old: Checklist
    new: Checklist
    changes: tuple[Change, ...]

    @property
    def confirm(self) -> tuple[str, ...]:
        """Questions that are asked as before."""
        reworded = set(self.answer_again)
        return tuple(item for item in _asked(self.new) if item in _asked(self.old) and item not in reworded)

    @property
    def answer_again(self) -> tuple[str, ...]:
        """Questions of both that were reworded."""
        changed = {change.item for change in self.changes if change.code in REWORDED}
        return tuple(item for item in _asked(self.new) if item in changed and item in _asked(self.old))

    @property
    def answer_first(self) -> tuple[str, ...]:
        """Questions that the first did not ask."""
        return tuple(item for item in _asked(self.new) if item not in _asked(self.old))

    @property
    def no_longer_asked(self) -> tuple[str, ...]:
        """Questions that only the first asked."""
        return tuple(item for item in _asked(self.old) if item not in _asked(self.new))

    def record(self) -> dict[str, Json]:
        """The difference as plain JSON."""
        return {
            "from": _named(self.old),
            "to": _named(self.new),
            "answers": {
                "confirm": list(self.confirm),
                "answer_again": list(self.answer_again),
                "answer_first": list(self.answer_first),
                "no_longer_asked": list(self.no_longer_asked),
            },
            "changes": [change.record() for change in self.changes],
        }


def difference(old: Checklist, new: Checklist) -> Difference:
    """What changed from one checklist to another: of the whole first, then item by item."""
    return Difference(old=old, new=new, changes=(*_of_the_whole(old, new), *_of_items(old, new)))


def _named(checklist: Checklist) -> dict[str, Json]:
    return {"checklist": checklist.id, "version": checklist.version, "sha256": checklist.sha256}


def _asked(checklist: Checklist) -> tuple[str, ...]:
    return tuple(item.id for item in checklist.items if item.ask is not None)


def _of_the_whole(old: Checklist, new: Checklist) -> Iterator[Change]:
    if (old.id, old.version) == (new.id, new.version) and old.sha256 != new.sha256:
        yield Change(code="same_version", old=old.version, new=new.version)
    if old.decision.rule != new.decision.rule:
        yield _rule_change("rule_default", None, old.decision.rule, new.decision.rule)
    if old.decision.confidence != new.decision.confidence:
        way = _way(old.decision.confidence, new.decision.confidence)
        yield Change(code="confidence", way=way, old=old.decision.confidence, new=new.decision.confidence)
    for severity in ("critical", "major"):
        before, after = getattr(old.outcome, severity), getattr(new.outcome, severity)
        if before != after:
            about = {"severity": severity}
            yield Change(code="bar", way=_ranked(_BARS, before, after), old=before, new=after, about=about)
    if old.outcome.open_minor != new.outcome.open_minor:
        way = _way(new.outcome.open_minor, old.outcome.open_minor)
        yield Change(code="open_minor", way=way, old=old.outcome.open_minor, new=new.outcome.open_minor)


def _of_items(old: Checklist, new: Checklist) -> Iterator[Change]:
    before, after = ({item.id: item for item in one.items} for one in (old, new))
    for item in new.items:
        if item.id not in before:
            yield Change(code="added", item=item.id, new=_kind(item), about=_described(item))
        else:
            yield from _of_item(before[item.id], item)
    for item in old.items:
        if item.id not in after:
            yield Change(code="dropped", item=item.id, old=_kind(item), about=_described(item))


def _kind(item: Item) -> str:
    return "measured" if item.ask is None else "asked"


def _described(item: Item) -> dict[str, Json]:
    return {"title": dict(item.title or item.requirement), "severity": item.severity, "when": item.when}


def _of_item(old: Item, new: Item) -> Iterator[Change]:
    if old.section != new.section:
        yield Change(code="moved", item=new.id, old=old.section, new=new.section)
    yield from _of_kind(old, new)
    yield from _of_wording(old, new)
    yield from _of_weight(old, new)
    yield from _of_conditions(old, new)
    if _kind(old) == _kind(new) == "measured":
        yield from _of_criteria(old, new)


def _of_kind(old: Item, new: Item) -> Iterator[Change]:
    if _kind(old) != _kind(new):
        code: Code = "asked_now" if new.ask is not None else "measured_now"
        yield Change(code=code, item=new.id, old=_kind(old), new=_kind(new))


def _of_wording(old: Item, new: Item) -> Iterator[Change]:
    texts: tuple[tuple[Code, Mapping[str, str] | None, Mapping[str, str] | None], ...] = (
        ("question", old.ask, new.ask),
        ("evidence", old.evidence, new.evidence),
        ("requirement", old.requirement, new.requirement),
        ("title", old.title, new.title),
        ("remedy", old.remedy, new.remedy),
    )
    for code, before, after in texts:
        if before != after and not (code in REWORDED and None in (old.ask, new.ask)):
            yield Change(code=code, item=new.id, old=before and dict(before), new=after and dict(after))
    if set(old.references) != set(new.references):
        yield Change(
            code="references", item=new.id,
            old=[key for key in old.references if key not in new.references],
            new=[key for key in new.references if key not in old.references],
        )  # fmt: skip


def _of_weight(old: Item, new: Item) -> Iterator[Change]:
    if old.severity != new.severity:
        way = _ranked(_SEVERITIES, old.severity, new.severity)
        yield Change(code="severity", item=new.id, way=way, old=old.severity, new=new.severity)
    if dict(old.escalate) != dict(new.escalate):
        yield Change(code="escalate", item=new.id, old=dict(old.escalate), new=dict(new.escalate))
    if old.bar != new.bar:
        yield Change(code="own_bar", item=new.id, way=_ranked(_BARS, old.bar, new.bar), old=old.bar, new=new.bar)


def _of_conditions(old: Item, new: Item) -> Iterator[Change]:
    if old.when != new.when:
        way: Way = "tighter" if new.when is None else "looser" if old.when is None else "other"
        yield Change(code="when", item=new.id, way=way, old=old.when, new=new.when)
    if old.answers is not None and new.answers is not None:
        needs: tuple[tuple[Code, str, str], ...] = (
            ("evidence_needed", old.answers.evidence, new.answers.evidence),
            ("second_person", old.answers.checked_by, new.answers.checked_by),
        )
        for code, before, after in needs:
            if before != after:
                yield Change(code=code, item=new.id, way=_ranked(_NEEDS, before, after), old=before, new=after)


def _of_criteria(old: Item, new: Item) -> Iterator[Change]:
    pairs = _paired(old.criteria, new.criteria)
    for place, criterion in enumerate(new.criteria):
        if place in pairs:
            yield from _of_criterion(new.id, old.criteria[pairs[place]], criterion)
        else:
            yield Change(code="criterion_added", item=new.id, way=_added(criterion), about=_about(criterion))
    for place, criterion in enumerate(old.criteria):
        if place not in pairs.values():
            way: Way = "other" if criterion.report else "looser"
            yield Change(code="criterion_dropped", item=new.id, way=way, about=_about(criterion))


def _paired(old: Sequence[Criterion], new: Sequence[Criterion]) -> dict[int, int]:
    """Place of each new criterion -> place of the old one that it continues: the most alike first."""
    pairs: dict[int, int] = {}
    for alike in (_equal, _same_options, _same_check):
        for place, criterion in enumerate(new):
            free = (other for other, one in enumerate(old) if other not in pairs.values() and alike(one, criterion))
            if place not in pairs and (found := next(free, None)) is not None:
                pairs[place] = found
    return pairs


def _equal(old: Criterion, new: Criterion) -> bool:
    return old == new


def _same_options(old: Criterion, new: Criterion) -> bool:
    return _same_check(old, new) and old.with_ == new.with_


def _same_check(old: Criterion, new: Criterion) -> bool:
    return (old.check, old.declared, old.by) == (new.check, new.declared, new.by)


def _added(criterion: Criterion) -> Way:
    return "other" if criterion.report else "tighter"


def _about(criterion: Criterion) -> dict[str, Json]:
    return criterion.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _of_criterion(item: str, old: Criterion, new: Criterion) -> Iterator[Change]:
    about = _about(new)
    if old.with_ != new.with_:
        yield Change(code="options", item=item, old=dict(old.with_), new=dict(new.with_), about=about)
    if old.report != new.report:
        code: Code = "reported_now" if new.report else "judged_now"
        yield Change(
            code=code, item=item, way="looser" if new.report else "tighter",
            old=_limit(old), new=_limit(new), about=about,
        )  # fmt: skip
        return
    if _limit(old) != _limit(new):
        yield Change(code="limit", item=item, way=_limit_way(old, new), old=_limit(old), new=_limit(new), about=about)
    if old.rule != new.rule:
        yield _rule_change("rule", item, old.rule, new.rule, about=about)
    if old.source != new.source:
        yield Change(code="source", item=item, old=old.source, new=new.source, about=about)


def _rule_change(
    code: Code, item: str | None, old: str | None, new: str | None, *, about: Mapping[str, Json] | None = None
) -> Change:
    return Change(code=code, item=item, way=_ranked(_RULES, old, new), old=old, new=new, about=about or {})


def _limit(criterion: Criterion) -> dict[str, Json]:
    """The limit under its comparator; empty where there is none."""
    return {name: value for name, value in _about(criterion).items() if name in _COMPARATORS}


def _limit_way(old: Criterion, new: Criterion) -> Way:
    """Whether a limit lets less pass than before; both ends of a range have to say the same."""
    ways: set[Way] = set()
    for before, after in zip(_ends(old), _ends(new), strict=True):
        if before != after:
            ways.add(_way(before, after))
    return ways.pop() if len(ways) == 1 else "other"


def _ends(criterion: Criterion) -> tuple[float | None, float | None]:
    """Lower and upper limit, the upper turned round so that more is stricter; none for an exact value."""
    low, high = criterion.between or (criterion.at_least, criterion.at_most)
    return low, None if high is None else -high


def _way(old: float | None, new: float | None) -> Way:
    return "other" if old is None or new is None else "tighter" if new > old else "looser"


def _ranked(order: tuple[str, ...], old: str | None, new: str | None) -> Way:
    if old not in order or new not in order:
        return "other"
    return _way(order.index(old), order.index(new))
