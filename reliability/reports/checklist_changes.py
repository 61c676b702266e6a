"""What a checklist asks otherwise than another, in words: one wording for the terminal and for documents."""

from collections.abc import Mapping

from reliability.records import Criterion, Json
from reliability.reports.figures import count, limit_text, percent, unit_of
from reliability.reports.statements import check_title
from reliability.words.text import Words

LIMITS = ("at_least", "at_most", "between", "equals")
_AS_LIMIT = frozenset({"limit", "judged_now", "reported_now"})
# Which family of words a value of a change belongs to.
_FAMILIES = {
    "severity": "severity", "bar": "verdict", "own_bar": "verdict", "rule": "rule", "rule_default": "rule",
    "added": "diff.kind", "dropped": "diff.kind", "evidence_needed": "diff.need", "second_person": "diff.need",
}  # fmt: skip


def check_named(about: Mapping[str, Json], words: Words) -> str:
    """The check that a change is about, with what its groups are formed by; empty where it is about none."""
    if "check" not in about and "declared" not in about:
        return ""
    title = check_title(str(about["check"]), words) if "check" in about else words.text("report.declared_level")
    by = about.get("by")
    grouped = ", ".join(by) if isinstance(by, list) else words.first(f"diff.by.{by}")
    return f"{title}{_gap(words)}({grouped})" if grouped else title


def value_text(code: str, value: Json, about: Mapping[str, Json], words: Words) -> str:
    """A value before or after a change, as its kind is printed; empty where there is none."""
    if code in _AS_LIMIT:
        return limit_of(value or {}, about, words)
    if code in _FAMILIES:
        return _of_family(code, value, words)
    if code == "confidence" and value is not None:
        return percent(float(value))
    if code == "escalate":
        return ", ".join(
            f"{words.text(f'severity.{to}')}{_gap(words)}({when})" for to, when in sorted((value or {}).items())
        )
    if code == "when":
        return value or words.text("diff.always")
    if code == "source" and value == "house default":
        return words.text("source.house_default")
    return plain(value, words)


def limit_of(limit: Mapping[str, Json], about: Mapping[str, Json], words: Words) -> str:
    """A limit with its comparator; of a criterion without one, that it is only reported."""
    known = {name: limit[name] for name in LIMITS if name in limit}
    check = about.get("check")
    unit = unit_of(str(check), ()) if check else ""
    text = limit_text(Criterion.model_validate({"check": check, **known}), unit, words.lang)
    return text or words.text("verdict.reported")


def plain(value: Json, words: Words) -> str:
    """A value of a record without words of its own; empty where there is none."""
    if isinstance(value, bool):
        return words.text("report.yes" if value else "report.no")
    if isinstance(value, int):
        return count(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} = {plain(one, words) or '–'}" for name, one in sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(plain(one, words) or "–" for one in value)
    return "" if value is None else str(value)


def _of_family(code: str, value: Json, words: Words) -> str:
    """A value of a closed list; where a checklist names none, its own default holds."""
    if value in (None, {}):
        return words.text("diff.as_the_checklist")
    return words.first(f"{_FAMILIES[code]}.{value}") or str(value)


def _gap(words: Words) -> str:
    return "" if words.lang == "ko" else " "
