"""Numbers as documents print them: by unit, and never rounded across a limit."""

from collections.abc import Iterable
from datetime import datetime

from reliability.records import Criterion, Measurement, Number
from reliability.reports.units import unit_of_check
from reliability.words.text import Words

MOST_DIGITS = 6
FEWEST_SHOWN = 5  # of a group of fewer people than this no figure is printed

_SCALED = {"share": 100, "difference": 100}
_SUFFIX = {("share", "ko"): "%", ("share", "en"): "%", ("difference", "ko"): "%p", ("difference", "en"): " pp"}
_WHOLE = frozenset({"rows", "count", "days", "entities", "columns"})
_LEAST_DIGITS = {"share": 1, "difference": 1, "target": 1}


def number(value: Number, unit: str, lang: str, *, beside: Iterable[Number] = ()) -> str:
    """A value with its unit, with as many digits as show on which side of the limits it lies."""
    if unit in _WHOLE and float(value).is_integer():
        return _signed(f"{value:,.0f}")
    digits = _LEAST_DIGITS.get(unit, 2 if abs(value) < 1_000 else 0)
    scale = _SCALED.get(unit, 1)
    least, scaled = digits, [limit * scale for limit in (*beside, *_ends(unit))]
    while digits < MOST_DIGITS and _blurred(value * scale, scaled, digits):
        digits += 1
    if _blurred(value * scale, scaled, digits):
        digits = least  # more of them say nothing either
    return _signed(f"{value * scale:,.{digits}f}") + _suffix(unit, lang)


def signed(value: Number, unit: str, lang: str) -> str:
    """A difference of two values with its sign, never rounded to nought; of shares it is points."""
    text = number(value, "difference" if unit == "share" else unit, lang, beside=(0,))
    return f"+{text}" if value > 0 and text[0] not in "+−" else text


def limit_number(value: Number, unit: str, lang: str) -> str:
    """A limit with its unit: as it was set, without digits that say nothing."""
    text = f"{value * _SCALED.get(unit, 1):.10f}".rstrip("0").rstrip(".")
    if unit not in _SCALED and unit not in _WHOLE and "." in text:
        text = text.ljust(text.index(".") + 3, "0")
    return _signed(text or "0") + _suffix(unit, lang)


def _ends(unit: str) -> tuple[int, ...]:
    return (0, 1) if unit in {"share", "ratio", "auc", "probability"} else ()


def _blurred(value: float, limits: list[float], digits: int) -> bool:
    """Whether rounding puts a value onto a limit that it does not reach, or has just passed."""
    return any(abs(value - limit) > 1e-9 and round(value, digits) == round(limit, digits) for limit in limits)


def _suffix(unit: str, lang: str) -> str:
    return _SUFFIX.get((unit, lang), "")


def _signed(text: str) -> str:
    """A true minus sign; no sign on a nought."""
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−")


def unit_of(check: str | None, measurements: Iterable[Measurement]) -> str:
    """The unit of a criterion: as measured, else the one that its check measures in."""
    measured = next((found.unit for found in measurements if found.value is not None and found.unit), "")
    return measured or (unit_of_check(check) if check else "")


def interval(measurement: Measurement, lang: str, *, beside: Iterable[Number] = ()) -> str:
    """The interval of a measurement; empty where there is none."""
    if measurement.low is None or measurement.high is None:
        return ""
    beside = tuple(beside)
    low, high = (number(end, measurement.unit, lang, beside=beside) for end in (measurement.low, measurement.high))
    return f"{low} – {high}"


def limits(criterion: Criterion) -> tuple[Number, ...]:
    """The limits of a criterion, as numbers."""
    if criterion.between is not None:
        return criterion.between
    return tuple(end for end in (criterion.at_least, criterion.at_most, criterion.equals) if end is not None)


def limit_text(criterion: Criterion, unit: str, lang: str) -> str:
    """The limit of a criterion with its comparator; empty where it is only reported."""
    if criterion.between is not None:
        return " – ".join(limit_number(end, unit, lang) for end in criterion.between)
    for sign, end in (("≥", criterion.at_least), ("≤", criterion.at_most), ("=", criterion.equals)):
        if end is not None:
            return f"{sign} {limit_number(end, unit, lang)}"
    return ""


def count(n: int) -> str:
    """A number of rows or items."""
    return f"{n:,}"


def percent(share: float) -> str:
    """A share as a percentage without digits that say nothing."""
    return f"{share * 100:.6g}%"


def p_value(p: float) -> str:
    """A p-value as it is printed: never as nought."""
    return f"p = {p:.2g}" if p >= 0.001 else "p < 0.001"


def day(moment: datetime) -> str:
    """The day of a moment, in its own time zone."""
    return moment.strftime("%Y-%m-%d")


def moment(instant: datetime) -> str:
    """A moment to the minute, in UTC as it was recorded."""
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def counted(words: Words, key: str, n: int, **values: object) -> str:
    """The words of a key for n things: `key.one` where a language has its own words for one thing."""
    return words.first(f"{key}.one", key, n=count(n), **values) if n == 1 else words.text(key, n=count(n), **values)
