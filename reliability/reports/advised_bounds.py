"""Keeps what advice and people's entries add to a report within its bounds."""

from dataclasses import replace
from typing import Protocol

from reliability.reports import heights
from reliability.reports.annex import Holding
from reliability.reports.mending import Mending, RemedyView
from reliability.reports.next_steps import Plan, Step
from reliability.reports.risk_entries import Entry
from reliability.reports.risks import Register, Risk
from reliability.reports.rows import Row
from reliability.reports.switched import SwitchedTable

RISKS_ROOM = 4 * heights.PAGE
MOST_UNTRIED = 6
# In half-widths.
FIELD, CELL, NAME, GROUP, SENTENCE = 34, 240, 120, 60, 400


class Cutting(Protocol):
    """Cuts texts, and remembers what has to stand whole in which file."""

    def text(self, text: str, most: int, holds: Holding = "findings") -> str:
        """A text that takes no more half-widths than these."""


def bounded_mending(told: Mending, cutting: Cutting) -> Mending:
    """What was tried for a finding, no longer than a page can take."""
    return replace(
        told,
        number=cutting.text(told.number, NAME, "remedies"),
        remedies=tuple(_remedy(one, cutting) for one in told.remedies),
        repairs=tuple(cutting.text(text, SENTENCE, "remedies") for text in told.repairs),
        untried=tuple(_untried(row, cutting) for row in told.untried[:MOST_UNTRIED]),
        switched=_switched(told.switched, cutting) if told.switched is not None else None,
        entry=bounded_entry(told.entry, cutting),
    )


def _remedy(one: RemedyView, cutting: Cutting) -> RemedyView:
    def cut(text: str, most: int) -> str:
        return cutting.text(text, most, "remedies")

    return replace(
        one,
        name=cut(one.name, NAME),
        own=replace(one.own, name=cut(one.own.name, NAME)) if one.own is not None else None,
        others=tuple(cut(text, NAME) for text in one.others),
        moved=cut(one.moved, NAME),
        not_measured=cut(one.not_measured, NAME),
    )


def _untried(row: Row, cutting: Cutting) -> Row:
    return replace(
        row, name=cutting.text(row.name, SENTENCE, "remedies"), text=cutting.text(row.text, SENTENCE, "remedies")
    )


def _switched(table: SwitchedTable, cutting: Cutting) -> SwitchedTable:
    rows = tuple(replace(row, name=cutting.text(row.name, GROUP, "groups")) for row in table.rows)
    return replace(table, rows=rows)


def bounded_entry(entry: Entry, cutting: Cutting) -> Entry:
    """What people wrote about a risk, cut to the fields of its form."""

    def cut(text: str, most: int) -> str:
        return cutting.text(text, most, "risks")

    return replace(
        entry,
        treatment=cut(entry.treatment, CELL),
        owner=cut(entry.owner, FIELD),
        effort=cut(entry.effort, FIELD),
        due=cut(entry.due, FIELD),
        residual=cut(entry.residual, CELL),
        note=cut(entry.note, CELL),
    )


def bounded_plan(page: Plan, cutting: Cutting) -> Plan:
    """The plan on one page; its texts are cut as it is made."""

    def step(one: Step) -> Step:
        return replace(one, entry=bounded_entry(one.entry, cutting))

    return replace(page, first=tuple(map(step, page.first)), more=tuple(map(step, page.more)))


def bounded_register(register: Register, cutting: Cutting) -> Register:
    """The risks that a report has room for, the highest first."""
    room = RISKS_ROOM
    kept: list[Risk] = []
    for one in (_risk(each, cutting) for each in register.risks):
        room -= heights.of_risk(one)
        if kept and room < 0:
            break
        kept.append(one)
    return replace(register, risks=tuple(kept))


def _risk(one: Risk, cutting: Cutting) -> Risk:
    def cut(text: str, most: int) -> str:
        return cutting.text(text, most, "risks")

    return replace(
        one,
        item=cut(one.item, FIELD),
        hazard=cut(one.hazard, CELL),
        basis=cut(one.basis, CELL),
        proposed=cut(one.proposed, SENTENCE),
        expected=cut(one.expected, CELL),
        entry=bounded_entry(one.entry, cutting),
    )
