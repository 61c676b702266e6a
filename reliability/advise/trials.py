"""Remedies tried: each learns where it may, answers the rows, and is measured on those that choose."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from reliability.advise.aims import Aim
from reliability.advise.measuring import Item, Measured, affected, answered, counted_from_answers, measure
from reliability.advise.remedies import Changed, Ground, NotTried, Remedy, Rows, Tried
from reliability.advise.splits import Split
from reliability.blocks import Block, Bools
from reliability.engine import Call
from reliability.errors import WorkerError

MAPPED = frozenset({"decisions", "scores"})
PROBED = 2_000  # rows that choose, of which a model is asked again


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """Everything that remedies are tried on.

    Attributes
    ----------
    rows : Block
        Evaluation rows as answered today.
    split : Split
        Which of them teach, choose and confirm.
    training : Block or None
        Training rows.
    ground : Ground
        What remedies may learn from.
    items : tuple of Item
        Findings that are measured.
    seed : int
        Of every random stream.
    """

    rows: Block
    split: Split
    training: Block | None
    ground: Ground
    items: tuple[Item, ...]
    seed: int

    def measured(self, rows: Bools, calls: Sequence[Call], ran: "Ran | None" = None) -> Measured:
        """The calls on some rows, as answered today or after a remedy."""
        block, training, ask = self.rows.where(rows), self.training, self.ground.ask
        if ran is not None and ran.tried is not None and ran.changed is not None:
            block = answered(block, ran.changed.take(rows), ran.tried)
            training, ask = _training(ran.tried, training), ran.tried.ask
        return measure(calls, block, training, ask=ask, seed=self.seed) if block.n else {}


def _training(tried: Tried, training: Block | None) -> Block | None:
    left = training if tried.training is None else tried.training
    if left is None or tried.features is None:
        return left
    columns = {name: left.columns[name] for name in tried.features}
    return replace(left, roles=replace(left.roles, features=tried.features), columns=columns)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ran:
    """A remedy that was tried, or why it was not.

    Attributes
    ----------
    id : str
        By which the record names it.
    remedy : Remedy
        What was tried.
    tried, changed : Tried, Changed or None
        What it learnt, and how it answers all rows: those that choose by what did not learn on them.
    why : NotTried or None
        Why it was not tried.
    chosen : mapping
        What was measured of it on the rows that choose.
    parts : tuple of str
        Ids of the remedies that it combines.
    """

    id: str
    remedy: Remedy
    tried: Tried | None = None
    changed: Changed | None = None
    why: NotTried | None = None
    chosen: Measured = field(default_factory=dict)
    parts: tuple[str, ...] = ()

    def close(self) -> None:
        """End what it holds open."""
        if self.tried is not None:
            self.tried.close()


def run(remedy: Remedy, stage: Stage, aims: Sequence[Aim], *, name: str, parts: tuple[str, ...] = ()) -> Ran:
    """Try one remedy."""
    try:
        found = _answers(remedy, stage)
    except WorkerError as failed:
        found = NotTried(code=failed.code, values=failed.plain_values())
    if isinstance(found, NotTried):
        return Ran(id=name, remedy=remedy, why=found, parts=parts)
    tried, changed = found
    ran = Ran(id=name, remedy=remedy, tried=tried, changed=changed, parts=parts)
    return replace(ran, chosen=on_choosing(stage, aims, ran))


def _answers(remedy: Remedy, stage: Stage) -> tuple[Tried, Changed] | NotTried:
    tried = remedy.learn(stage.ground)
    if isinstance(tried, NotTried):
        return tried
    changed = tried.changed(Rows.of(stage.rows))
    if not (stage.split.crossed and remedy.acts_on in MAPPED):
        return tried, changed
    for own in (True, False):
        half = stage.split.half == own
        taught = stage.rows.where(stage.split.choose & ~half)
        other = remedy.learn(replace(stage.ground, answered=taught))
        if isinstance(other, NotTried):
            return other
        asked = stage.split.choose & half
        changed = _put(changed, asked, other.changed(Rows.of(stage.rows.where(asked))))
    return tried, changed


def _put(changed: Changed, rows: Bools, other: Changed) -> Changed:
    def put(old: Any, new: Any) -> Any:
        if old is None or new is None:
            return None
        made = old.copy()
        made[rows] = new
        return made

    return Changed(
        predicted=put(changed.predicted, other.predicted), scores=put(changed.scores, other.scores),
        abstained=put(changed.abstained, other.abstained), chances=put(changed.chances, other.chances),
    )  # fmt: skip


def on_choosing(stage: Stage, aims: Sequence[Aim], ran: Ran | None = None) -> Measured:
    """What the checks say on the rows that choose: the model is asked again for what is to be mended only."""
    own = {call for aim in aims for call in aim.item.calls}
    calls = [call for item in stage.items for call in item.calls if call in own or counted_from_answers(call)]
    calls = list(dict.fromkeys(call for call in calls if _to_measure(call, ran)))
    asking = [call for call in calls if call.check.asks_the_model]
    choose = stage.split.choose
    told = dict(stage.measured(choose, [call for call in calls if not call.check.asks_the_model], ran))
    if mended := [call for call in asking if call in own and (ran is None or ran.remedy.mends_check(call.check.name))]:
        told |= stage.measured(_thinned(choose), mended, ran)
    return told


def _to_measure(call: Call, ran: Ran | None) -> bool:
    return ran is None or ran.tried is None or affected(call, ran.tried)


def _thinned(rows: Bools) -> Bools:
    """At most `PROBED` of the rows, in even steps."""
    places = np.flatnonzero(rows)
    kept = places[np.linspace(0, len(places) - 1, min(PROBED, len(places))).astype(int)] if len(places) else places
    mask = np.zeros(len(rows), np.bool_)
    mask[kept] = True
    return mask


def combined(first: Ran, second: Remedy) -> Remedy:
    """Both remedies: what the second maps is what the first answers."""
    made, tried = first.remedy, first.tried

    def learn(ground: Ground) -> Tried | NotTried:
        # What maps answers learns anew on every part of the rows; a model is fitted once.
        before = made.learn(ground) if made.acts_on in MAPPED else tried
        if before is None or isinstance(before, NotTried) or ground.answered is None:
            return before or NotTried(code="no_rows")
        taught = answered(ground.answered, before.changed(Rows.of(ground.answered)), replace(before, features=None))
        after = second.learn(replace(ground, answered=taught, ask=before.ask))
        return after if isinstance(after, NotTried) else _chained(before, after)

    options = {"first": dict(made.options), "second": dict(second.options)}
    return Remedy(
        name="combination", acts_on=second.acts_on, mends=_both_mend(made, second), learn=learn, options=options,
        cautions=tuple(dict.fromkeys((*made.cautions, *second.cautions))), effort=max(made.effort, second.effort),
    )  # fmt: skip


def _both_mend(first: Remedy, second: Remedy) -> tuple[str, ...]:
    """Beginnings of checks that either may mend: where only one does, that one alone is the remedy."""
    return (*filter(second.mends_check, first.mends), *filter(first.mends_check, second.mends))


def _chained(before: Tried, after: Tried) -> Tried:
    def changed(rows: Rows) -> Changed:
        once = before.changed(rows)
        twice = after.changed(replace(rows, predicted=once.predicted, scores=once.scores))
        gone = [one for one in (once.abstained, twice.abstained) if one is not None]
        return replace(twice, abstained=np.any(gone, axis=0) if gone else None)

    return Tried(
        changed=changed, ask=after.ask, features=before.features, training=before.training,
        details={"first": dict(before.details), "second": dict(after.details)},
    )  # fmt: skip
