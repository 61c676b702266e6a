"""What `checklists diff` shows: what changed, in words, for the people who answered the first."""

import shlex
from collections.abc import Mapping
from itertools import groupby

from reliability.checklist.difference import Change, Difference, Way, difference
from reliability.checklist.read import Checklist, read_checklist
from reliability.cli.hanging import hang
from reliability.cli.saying import print_json, say
from reliability.reports.checklist_changes import check_named, limit_of, value_text
from reliability.reports.figures import counted
from reliability.words.text import Words

MARKS: Mapping[Way, str] = {"tighter": "▲", "looser": "▽", "other": "·"}
# Wordings that are printed before and after; of the others it is enough to say that they changed.
SHOWN_WHOLE = frozenset({"question", "evidence", "requirement"})


def show_difference(first: str, second: str, said: Words, *, as_json: bool) -> None:
    """What changed from the first checklist to the second."""
    found = difference(read_checklist(first), read_checklist(second))
    if as_json:
        print_json(found.record())
        return
    hang("", f"{_name(found.old, said)} → {_name(found.new, said)}", style="bold")
    if found.old.sha256 == found.new.sha256:
        hang("", said.text("diff.none"))
        return
    _show_answers(found, second, said)
    for item, changes in groupby(found.changes, key=lambda change: change.item):
        hang("")
        hang("", _heading(item, found, said), style="bold")
        for change in changes:
            _show_change(change, said)
    hang("")
    hang("", " · ".join(f"{MARKS[way]} {said.text(f'diff.way.{way}')}" for way in MARKS))


def _name(checklist: Checklist, said: Words) -> str:
    return f"{checklist.title[said.lang]} {checklist.version} ({checklist.id})"


def _show_answers(found: Difference, second: str, said: Words) -> None:
    hang("")
    hang("", said.text("diff.answers"), style="bold")
    groups = {
        "answer_first": found.answer_first,
        "answer_again": found.answer_again,
        "confirm": found.confirm,
        "no_longer_asked": found.no_longer_asked,
    }
    for key, items in groups.items():
        if items:
            hang(f"  {counted(said, f'diff.{key}', len(items))}: ", ", ".join(items))
    if not any(groups.values()):
        hang("  ", said.text("diff.nothing_asked"))
    elif found.confirm or found.answer_again or found.answer_first:
        say(f"  → reliability answers SUBMISSION --checklist {shlex.quote(second)}")


def _heading(item: str | None, found: Difference, said: Words) -> str:
    if item is None:
        return said.text("diff.whole")
    titles = {one.id: one.title or one.requirement for one in (*found.old.items, *found.new.items)}
    return f"{item}  {titles[item][said.lang]}"


def _show_change(change: Change, said: Words) -> None:
    head = f"  {MARKS[change.way]} "
    if isinstance(change.old, dict) and isinstance(change.new, dict) and "ko" in change.old:
        _show_reworded(head, change, said)
    elif change.code == "references":
        hang(head, "; ".join(_references(change, said)))
    else:
        hang(head, said.text(f"diff.{change.code}", **_values(change, said)))


def _show_reworded(head: str, change: Change, said: Words) -> None:
    told = said.text(f"diff.{change.code}", old=change.old[said.lang], new=change.new[said.lang])
    if change.old[said.lang] == change.new[said.lang]:
        hang(head, f"{told} {said.text('diff.other_language')}")
        return
    hang(head, told)
    if change.code in SHOWN_WHOLE:
        hang(f"      {said.text('diff.before')}: ", change.old[said.lang])
        hang(f"      {said.text('diff.after')}: ", change.new[said.lang])


def _references(change: Change, said: Words) -> list[str]:
    told = {"diff.references_added": change.new, "diff.references_dropped": change.old}
    return [said.text(key, keys=", ".join(keys)) for key, keys in told.items() if keys]


def _values(change: Change, said: Words) -> dict[str, str]:
    """What stands in the words of a change."""
    about = dict(change.about)
    old, new = (value_text(change.code, value, about, said) or "–" for value in (change.old, change.new))
    values = {"old": old, "new": new}
    if "severity" in about:
        values["severity"] = said.text(f"severity.{about['severity']}")
    if "title" in about:
        condition = f" ({said.text('cli.when')}: {about['when']})" if about["when"] else ""
        return {**values, "title": f"{about['title'][said.lang]}{condition}"}
    if change.code in {"criterion_added", "criterion_dropped"}:
        values["limit"] = limit_of(about, about, said)
    if change.code not in {"severity", "bar"} and ("check" in about or "declared" in about):
        values["check"] = check_named(about, said)
    return values
