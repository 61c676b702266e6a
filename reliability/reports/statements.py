"""Sentences about findings: what was found, and how to read it."""

import re
from collections.abc import Iterable

from reliability.records import Criterion, CriterionResult, Finding, Json, Measurement, Reason
from reliability.reports import figures
from reliability.words.text import Words

# Reasons that only say why a number has no interval.
_COUNTED = frozenset({"whole_file", "no_interval"})
_HANGUL_FIRST, _HANGUL_LAST, _FINALS = 0xAC00, 0xD7A3, 28


def subject(word: str, lang: str) -> str:
    """A Korean word with its subject particle; an English word as it is."""
    return _with_particle(word, lang, "이", "가")


def object_of(word: str, lang: str) -> str:
    """A Korean word with its object particle; an English word as it is."""
    return _with_particle(word, lang, "을", "를")


def _with_particle(word: str, lang: str, after_consonant: str, after_vowel: str) -> str:
    if lang != "ko":
        return word
    ending = re.sub(r"\s*\([^)]*\)$", "", word)[-1:]
    closed = _HANGUL_FIRST <= ord(ending or "가") <= _HANGUL_LAST and (ord(ending or "가") - _HANGUL_FIRST) % _FINALS
    return f"{word}{after_consonant if closed else after_vowel}"


def check_title(check: str | None, words: Words) -> str:
    """The name of a check; its id where it has no words yet."""
    return words.first(f"check.{check}") or str(check)


def headline(finding: Finding, title: str, requirement: str, words: Words) -> str:
    """What was found, in one sentence."""
    worst = worst_result(finding)
    if worst is None:
        given = finding.answer.answer if finding.answer else "none"
        return words.first(f"headline.asked.{given}", title=title) if title else requirement
    if worst.criterion.check is None:
        return words.text("headline.not_assessed", **_cases(title or finding.item, words.lang))
    numbers = any(found.value is not None for found in worst.measurements)
    key = f"headline.{worst.verdict}" if numbers else f"headline.{worst.verdict}.no_number"
    cases = _cases(check_title(worst.criterion.check, words), words.lang)
    return words.first(key, f"headline.{worst.verdict}", **cases) or requirement


def _cases(word: str, lang: str) -> dict[str, str]:
    return {"subject": subject(word, lang), "object": object_of(word, lang)}


def worst_result(finding: Finding) -> CriterionResult | None:
    """The criterion that gave a finding its verdict."""
    deciding = [result for result in finding.criteria if result.verdict == finding.verdict]
    return next(iter(deciding or finding.criteria), None)


def source_text(criterion: Criterion, words: Words) -> str:
    """Where the limit of a criterion comes from; a source without words as the checklist has it."""
    source = criterion.source or ""
    return words.first("source." + source.replace(" ", "_")) or source


def first_sentence(text: str) -> str:
    """A text up to its first full stop before a blank."""
    return re.split(r"(?<=[.。])\s", text.strip(), maxsplit=1)[0]


def reasons(found: Iterable[Reason], words: Words) -> tuple[str, ...]:
    """Reasons in words, each once; the size of a group under five is not told."""
    return tuple(dict.fromkeys(reason_text(reason.code, reason.with_, words) for reason in found))


def beside(found: Measurement, words: Words) -> tuple[str, ...]:
    """What is to be said beside a number that is judged: why it is known exactly, other than that it was counted."""
    known = found.reason if found.judged and found.value is not None else None
    return reasons([known] if known is not None and known.code not in _COUNTED else [], words)


def doubts(found: Finding, words: Words) -> tuple[str, ...]:
    """That an item is applied although nobody knows whether it applies; nothing where that is known."""
    return reasons((one for one in found.reasons if one.code == "applied_unknown"), words)


def readings(result: CriterionResult, words: Words) -> tuple[str, ...]:
    """The four-fifths reading beside every ratio; no part of the verdict."""
    texts = []
    for found in result.measurements:
        table = found.details.get("four_fifths")
        reading = words.first(f"term.four_fifths.{table['reading']}") if table else ""
        if table and reading:
            p = figures.p_value(table["p_value"])
            texts.append(words.text("report.four_fifths", by=" × ".join(found.by), reading=reading, p=p))
    return tuple(texts)


def method_key(method: str, words: Words) -> str:
    """The name under which a method has its words: without the ending of clustered rows.

    Some methods go by an effective n on independent rows too, and are known by their whole name only.
    """
    plain = method.removesuffix("_effective_n")
    return plain if f"method.{plain}" in words else method


def method_name(method: str | None, words: Words) -> str:
    """The name of an interval's method; one on clustered rows says so."""
    if not method:
        return ""
    known = method_key(method, words)
    name = words.first(f"method.{known}") or known
    return name if known == method else f"{name} ({words.text('report.effective_n')})"


def reason_text(code: str, values: dict[str, Json], words: Words) -> str:
    """A reason in words; in brief ones where the record lacks the values that the full ones name."""
    n = values.get("n")
    told = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}
    if isinstance(n, int) and 0 < n < figures.FEWEST_SHOWN:
        told["n"] = words.text("report.under_five")
    try:
        return words.text(f"reason.{code}").format(**told)
    except KeyError:
        return words.text(f"reason.{code}.brief")
