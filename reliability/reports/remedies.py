"""Remedies as documents name them: what is changed, with what effort and by whom, and why it was not tried."""

from collections.abc import Iterable, Iterator, Mapping

from reliability.advice import RemedyTried, Why
from reliability.reports.rows import Row
from reliability.reports.statements import reason_text
from reliability.reports.widths import shortened
from reliability.words.text import Words

COLUMNS = 48  # half-widths: of the columns or attributes of a remedy
_WORDED = ("way", "parity", "constraint")
_LISTED = ("attributes", "columns")


def remedy_name(remedy: RemedyTried, known: Mapping[str, RemedyTried], words: Words) -> str:
    """A remedy in words, with what tells it from others of its name."""
    if remedy.parts:
        return " + ".join(remedy_name(known[part], known, words) for part in remedy.parts if part in known)
    told = [_option(str(remedy.options[key]), words) for key in _WORDED if key in remedy.options]
    told += [shortened(", ".join(map(str, remedy.options[key])), COLUMNS) for key in _LISTED if remedy.options.get(key)]
    name = words.first(f"advise.remedy.{remedy.name}") or remedy.name
    return f"{name}: {'; '.join(told)}" if told else name


def _option(value: str, words: Words) -> str:
    return words.first(f"advise.option.{value}") or value


def effort_text(remedy: RemedyTried, words: Words) -> str:
    """How much a remedy takes: its class, and the kind of work that it is."""
    return words.text("effort.class", n=remedy.effort, what=words.text(f"effort.of.{remedy.acts_on}"))


def who_text(acts_on: str, words: Words) -> str:
    """Whose work it usually is."""
    return words.text(f"who.{acts_on}")


def cautions(remedy: RemedyTried, words: Words) -> tuple[str, ...]:
    """What a reader must be told of a remedy."""
    return tuple(words.first(f"mending.caution.{code}", f"advise.caution.{code}") or code for code in remedy.cautions)


def untried(remedies: Iterable[RemedyTried], known: Mapping[str, RemedyTried], words: Words) -> Iterator[Row]:
    """Remedies that could not be tried, by their reason."""
    together: dict[str, list[str]] = {}
    for one in remedies:
        if one.why is not None:
            together.setdefault(_why(one.why, words), []).append(remedy_name(one, known, words))
    for why, names in together.items():
        yield Row(name=" · ".join(dict.fromkeys(names)), text=why)


def _why(why: Why, words: Words) -> str:
    """A reason in words; a code of another version as it stands."""
    own = words.first(f"mending.not_tried.{why.code}", f"advise.not_tried.{why.code}")
    try:
        if own:
            return own.format(**why.with_)
        return reason_text(why.code, why.with_, words) if f"reason.{why.code}" in words else why.code
    except KeyError:  # a record of another version does not say what these words say
        return why.code
