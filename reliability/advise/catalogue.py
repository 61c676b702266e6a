"""Which remedies there are for what is to be mended."""

from collections.abc import Iterator, Sequence

from reliability.advise.aims import Aim
from reliability.advise.copies import Copies
from reliability.advise.inputs import input_remedies
from reliability.advise.recalibration import score_remedies
from reliability.advise.refits import refit_remedies
from reliability.advise.remedies import Ground, Remedy
from reliability.advise.thresholds import decision_remedies
from reliability.advise.trials import Ran, combined
from reliability.records import canonical_json


def remedies(aims: Sequence[Aim], ground: Ground, copies: Copies) -> tuple[Remedy, ...]:
    """Every remedy that may mend one of the aims, once; refits, which take their time, come last."""
    attributes = tuple((name,) for name in ground.roles.sensitive)
    found = [
        one
        for aim in aims
        for one in (*decision_remedies(aim), *score_remedies(aim, attributes), *input_remedies(aim))
        if any(one.mends_check(check) for check in aim.checks)
    ]
    refits = refit_remedies(aims, ground, copies)
    return tuple({_key(one): one for one in (*found, *refits)}.values())


def _key(remedy: Remedy) -> bytes:
    return canonical_json([remedy.name, dict(remedy.options)])


def pairs(best: Sequence[Sequence[Ran]]) -> Iterator[tuple[Ran, Ran]]:
    """Pairs among the best remedies of every aim: what decides comes after what changes scores or the model."""
    seen = set()
    for few in best:
        for first in few:
            for second in few:
                named = (first.id, second.id)
                if named not in seen and _fit(first.remedy, second.remedy):
                    seen.add(named)
                    yield first, second


def _fit(first: Remedy, second: Remedy) -> bool:
    if {"combination"} & {first.name, second.name} or "randomised" in second.cautions:
        return False
    return first.acts_on != "decisions" and second.acts_on == "decisions"


def pair(first: Ran, second: Ran) -> Remedy:
    """Both of them as one remedy."""
    return combined(first, second.remedy)
