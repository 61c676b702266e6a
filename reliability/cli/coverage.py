"""What `checklists coverage` shows: requirements of frameworks with the items that touch them, and what none does."""

from rich.cells import cell_len, set_cell_size

from reliability.checklist.coverage import Coverage, Row, Touch, coverage
from reliability.checklist.read import Checklist, read_checklist
from reliability.checklist.references import References, references
from reliability.cli.hanging import hang
from reliability.cli.saying import print_json
from reliability.cli.screen import console
from reliability.reports.citations import UNCONFIRMED, marked
from reliability.reports.figures import counted
from reliability.words.text import Words

MARKS = {"measured": "■", "reported": "▫", "asked": "□"}
CONDITIONAL = "*"
WIDEST_TITLE = 46  # cells
ROOM_FOR_ITEMS = 30


def show_coverage(name: str, framework: str | None, said: Words, *, as_json: bool) -> None:
    """The items of a checklist against one framework, or against all."""
    checklist, listed = read_checklist(name), references()
    chosen = [listed.framework(framework)] if framework else list(listed.frameworks.values())
    found = [coverage(checklist, one, listed) for one in chosen]
    if as_json:
        print_json({
            "checklist": checklist.id, "version": checklist.version,
            "references": {"version": listed.version, "date": listed.date},
            "frameworks": [one.record() for one in found],
        })  # fmt: skip
        return
    for one in found:
        _show(one, said)
    _show_legend(checklist, found, listed, said)


def _show(found: Coverage, said: Words) -> None:
    n, covered = len(found.rows), len(found.rows) - len(found.missing)
    hang("", said.text("coverage.head", title=found.framework.title[said.lang], n=n, covered=covered), style="bold")
    longest = max(cell_len(marked(row.requirement.id)) for row in found.rows)
    widest = min(max(cell_len(row.requirement.title[said.lang]) for row in found.rows), WIDEST_TITLE)
    for row in found.rows:
        _show_row(row, longest, widest, said)
    missing = ", ".join(f"{marked(one.id)} {one.title[said.lang]}" for one in found.missing)
    if missing:
        hang(f"  {counted(said, 'coverage.missing', len(found.missing))}: ", missing)
    else:
        hang("  ", said.text("coverage.complete"))
    hang("")


def _show_row(row: Row, longest: int, widest: int, said: Words) -> None:
    """Key, title and items: in columns where the screen has room, else the items beneath."""
    screen = console()
    key, title = set_cell_size(marked(row.requirement.id), longest), row.requirement.title[said.lang]
    items = " ".join(_item(one) for one in row.touches) or said.text("coverage.none")
    if not screen.is_terminal:
        hang(f"  {key}  {title}: ", items)
    elif screen.width >= longest + widest + ROOM_FOR_ITEMS:
        hang(f"  {key}  {set_cell_size(title, max(widest, cell_len(title)))}  ", items)
    else:
        hang(f"  {key}  ", title)
        hang(" " * (longest + 4), items)


def _item(touch: Touch) -> str:
    return f"{MARKS[touch.kind]}{touch.item}{CONDITIONAL if touch.when else ''}"


def _show_legend(checklist: Checklist, found: list[Coverage], listed: References, said: Words) -> None:
    touches = [touch for one in found for row in one.rows for touch in row.touches]
    kinds = [kind for kind in MARKS if any(touch.kind == kind for touch in touches)]
    legend = [f"{MARKS[kind]} {said.text(f'coverage.{kind}')}" for kind in kinds]
    if any(touch.when for touch in touches):
        legend.append(f"{CONDITIONAL} {said.text('coverage.conditional')}")
    if any(not row.requirement.confirmed for one in found for row in one.rows):
        legend.append(f"{UNCONFIRMED} {said.text('references.unconfirmed')}")
    hang("", " · ".join(legend))
    hang("", said.text("coverage.no_statement"))
    name = f"{checklist.title[said.lang]} {checklist.version}"
    hang("", said.text("coverage.of", checklist=name, version=listed.version, date=listed.date))
