"""Which remedies come first for a finding, by the rows that choose: these numbers are never printed.

Verdict improvement, then effort, then effect. An improvement is one of all that the checklist judges: a better verdict
that costs a critical or major finding its own comes after one that costs none, however far it goes. Of decisions that
are equally good those by lot come last, whatever their effort.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reliability.advise.aims import Aim
from reliability.advise.measuring import Item, Measured, groups_lost
from reliability.advise.trials import MAPPED, Ran
from reliability.records import WORST_FIRST, Measurement, Verdict

CONFIRMED = 5  # remedies of a finding at most
MOST_PAIRS = 2  # of them
_NOTHING = 1e-12
LEAST = 0.05  # house default: share of what is missing to the limit, below which a step towards it is no help


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """A remedy beside today, on the rows that choose.

    Attributes
    ----------
    ran : Ran
        The remedy.
    verdict : int
        Place of the finding's verdict after it, the worst first.
    better : int
        Steps by which that is better than today; never for a number that is no longer judged.
    effect : float
        Steps of the finding's own number towards its limit and beyond.
    breaks : int
        Critical and major findings whose verdict it makes worse.
    missing : float
        Steps by which the number is beyond its limit today; 0 within it.
    """

    ran: Ran
    verdict: int
    better: int
    effect: float
    breaks: int
    missing: float = 0.0

    @property
    def helps(self) -> bool:
        """Whether it makes anything of the finding better."""
        return self.better > 0 or (self.better == 0 and self.effect > max(_NOTHING, LEAST * self.missing))

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must be told of it."""
        return self.ran.remedy.cautions

    @property
    def key(self) -> tuple[bool, int, int, bool, int, float]:
        """A better verdict, fewest others broken for it, how good it is, no lots drawn; then effort, then effect."""
        randomised = "randomised" in self.cautions
        return self.better <= 0, self.breaks, -self.verdict, randomised, self.ran.remedy.effort, -self.effect


def ranked(aim: Aim, ran: Sequence[Ran], items: Sequence[Item], today: Measured) -> tuple[Standing, ...]:
    """Remedies that help the finding, the best first."""
    standings = [standing(aim, one, items, today) for one in ran if applies(one, aim) and one.changed is not None]
    return tuple(sorted((one for one in standings if one.helps), key=lambda one: one.key))


def chosen(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """The remedies that are confirmed: the best, but few pairs, and always the best that acts on data or model.

    Beside thresholds by group stand the randomised ones.
    """
    singles = [one for one in standings if not one.ran.parts]
    first = next((one for one in singles if one.ran.remedy.acts_on not in MAPPED), None)
    wanted = [] if first is None else [first]
    pairs = [one for one in standings if one.ran.parts][:MOST_PAIRS]
    for one in (each for each in standings if each in singles or each in pairs):
        more = [each for each in (one, _beside(one, singles)) if each is not None and each not in wanted]
        wanted += more[: CONFIRMED - len(wanted)]
    return tuple(one for one in standings if one in wanted)


def _beside(one: Standing, singles: Sequence[Standing]) -> Standing | None:
    """The randomised thresholds of the same groups and parity."""
    remedy = one.ran.remedy
    if remedy.name != "group_thresholds":
        return None
    alike = (each for each in singles if each.ran.remedy.options == remedy.options and "randomised" in each.cautions)
    return next(alike, None)


def applies(ran: Ran, aim: Aim) -> bool:
    """Whether a remedy is meant for what the aim is about."""
    return any(ran.remedy.mends_check(check) for check in aim.checks)


def standing(aim: Aim, ran: Ran, items: Sequence[Item], today: Measured) -> Standing:
    """Where a remedy stands beside today."""
    after = {**today, **ran.chosen}
    before, now = (_place(aim.item.verdict(one)) for one in (today, after))
    margins = aim.margin(today), aim.margin(after)
    effect, missing = (
        (margins[1] - margins[0], max(-margins[0], 0.0)) if all(map(math.isfinite, margins)) else (0.0, 0.0)
    )
    broken = sum(_breaks(item, today, after) for item in items)
    # Where nobody is left to measure it on, a failing number becomes an open one: that mends nothing.
    lost = _lost(aim.own(today), aim.own(after))
    better, effect = (min(now - before, 0), min(effect, 0.0)) if lost else (now - before, effect)
    return Standing(ran=ran, verdict=now, better=better, effect=effect, breaks=broken, missing=missing)


def _lost(before: Measurement | None, after: Measurement | None) -> bool:
    """Whether a number that was judged is none any more, or leaves out a group that was compared."""
    if before is None or before.value is None or not before.judged:
        return False
    return after is None or after.value is None or not after.judged or groups_lost(before, after)


def _breaks(item: Item, today: Measured, after: Measured) -> bool:
    if item.finding.severity == "minor":
        return False
    return _place(item.verdict(after)) < _place(item.verdict(today))


def _place(verdict: Verdict) -> int:
    return WORST_FIRST.index(verdict) if verdict in WORST_FIRST else len(WORST_FIRST)


def front(points: Sequence[tuple[float, float]]) -> tuple[bool, ...]:
    """Which points no other beats in both: more is better in each."""
    return tuple(
        not any(
            other[0] >= one[0] and other[1] >= one[1] and (other[0] > one[0] or other[1] > one[1]) for other in points
        )
        for one in points
    )
