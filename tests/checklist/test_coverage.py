"""Coverage of frameworks by items: what counts as touching a requirement, how, and what none touches."""

from pathlib import Path

import pytest

from reliability.checklist.coverage import Coverage, coverage
from reliability.checklist.read import Checklist, names, read_checklist
from reliability.checklist.references import References, read_references, references

LISTED = """\
references: 1
version: 0.1.0
date: 2026-11-28
sources:
  - id: LAW
    title: {ko: 법, en: A law}
    issuer: {ko: 국회, en: Parliament}
    edition: "2024"
    basis: text
    checked: 2026-11-20
    entries:
      - {id: LAW-1, title: {ko: 첫째, en: First}}
      - {id: LAW-1-2, title: {ko: 첫째의 둘, en: Second of the first}}
      - {id: LAW-10, title: {ko: 열째, en: Tenth}, basis: memory}
      - {id: RULE-7, title: {ko: 규칙, en: A rule}, under: LAW-10}
frameworks:
  - id: LAW
    title: {ko: 법의 요구, en: What the law requires}
    requirements: [LAW-1, LAW-10]
"""
HEAD = """\
checklist: small
format: 1
version: 1.0.0
title: {ko: 작은 점검표, en: Small}
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: ONE
    title: {ko: 하나, en: One}
    items:
"""
MEASURED = "check: performance.accuracy, at_least: 0.5, source: house default"
REPORTED = "check: performance.accuracy, report: true"
ASKED = "ask: {ko: 있습니까?, en: Is there?}, evidence: {ko: 문서, en: A document}"


@pytest.fixture
def listed(tmp_path) -> References:
    path = tmp_path / "list.yaml"
    path.write_text(LISTED, encoding="utf-8")
    return read_references(path)


def checklist(folder: Path, *items: str) -> Checklist:
    lines = [
        f"      - {{id: ONE-0{n}, requirement: {{ko: 한다., en: Done.}}, severity: minor, {item}}}\n"
        for n, item in enumerate(items, start=1)
    ]
    path = folder / "small.yaml"
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return read_checklist(path)


def covered(folder: Path, listed: References, *items: str) -> Coverage:
    return coverage(checklist(folder, *items), listed.frameworks["LAW"], listed)


def touching(found: Coverage) -> dict[str, list[str]]:
    return {row.requirement.id: [touch.item for touch in row.touches] for row in found.rows}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("LAW-1", {"LAW-1": ["ONE-01"], "LAW-10": []}),
        ("LAW-1-2", {"LAW-1": ["ONE-01"], "LAW-10": []}),
        ("LAW-1-9-z", {"LAW-1": ["ONE-01"], "LAW-10": []}),
        ("LAW-10", {"LAW-1": [], "LAW-10": ["ONE-01"]}),
        ("LAW-100", {"LAW-1": [], "LAW-10": []}),
        ("RULE-7", {"LAW-1": [], "LAW-10": ["ONE-01"]}),
        ("LAW", {"LAW-1": [], "LAW-10": []}),
        ("HOUSE-1", {"LAW-1": [], "LAW-10": []}),
    ],
)
def test_item_touches_a_requirement_by_its_key_a_part_of_it_or_what_lies_under_it(tmp_path, listed, key, expected):
    assert touching(covered(tmp_path, listed, f"{ASKED}, references: [{key}]")) == expected


@pytest.mark.parametrize(("item", "kind"), [(MEASURED, "measured"), (REPORTED, "reported"), (ASKED, "asked")])
def test_touch_says_how_the_item_looks_at_the_requirement(tmp_path, listed, item, kind):
    found = covered(tmp_path, listed, f"{item}, references: [LAW-1]")

    assert [touch.kind for touch in found.rows[0].touches] == [kind]


def test_item_that_judges_one_of_its_criteria_is_measured(tmp_path, listed):
    both = f"criteria: [{{{MEASURED}}}, {{{REPORTED}}}]"

    assert covered(tmp_path, listed, f"{both}, references: [LAW-1]").rows[0].touches[0].kind == "measured"


def test_touch_names_its_keys_and_its_condition(tmp_path, listed):
    found = covered(tmp_path, listed, f"{ASKED}, when: hiring, references: [LAW-1-2, LAW-10, LAW-1]")

    assert [(row.touches[0].references, row.touches[0].when) for row in found.rows] == [
        (("LAW-1-2", "LAW-1"), "hiring"), (("LAW-10",), "hiring"),
    ]  # fmt: skip


def test_items_stand_in_the_order_of_the_checklist(tmp_path, listed):
    items = [f"{ASKED}, references: [LAW-10]", f"{MEASURED}, references: [LAW-1]", f"{ASKED}, references: [LAW-1]"]

    assert touching(covered(tmp_path, listed, *items)) == {"LAW-1": ["ONE-02", "ONE-03"], "LAW-10": ["ONE-01"]}


def test_what_no_item_touches_is_missing(tmp_path, listed):
    assert [one.id for one in covered(tmp_path, listed, ASKED).missing] == ["LAW-1", "LAW-10"]
    assert [one.id for one in covered(tmp_path, listed, f"{ASKED}, references: [LAW-1]").missing] == ["LAW-10"]
    assert covered(tmp_path, listed, f"{ASKED}, references: [LAW-1, RULE-7]").missing == ()


def test_record_is_the_whole_matrix(tmp_path, listed):
    record = covered(tmp_path, listed, f"{MEASURED}, references: [LAW-1-2]").record()

    assert record == {
        "framework": "LAW",
        "title": {"ko": "법의 요구", "en": "What the law requires"},
        "requirements": [
            {
                "reference": "LAW-1", "title": {"ko": "첫째", "en": "First"}, "basis": "text", "confirmed": True,
                "items": [{"item": "ONE-01", "kind": "measured", "by": ["LAW-1-2"], "when": None}],
            },
            {
                "reference": "LAW-10", "title": {"ko": "열째", "en": "Tenth"}, "basis": "memory", "confirmed": False,
                "items": [],
            },
        ],
        "covered": 1, "of": 2, "not_covered": ["LAW-10"],
    }  # fmt: skip


# The table of the proposal that the general checklist was written from (KR-34-1-4 cites no item on review records).
PROPOSED = {
    "TTA-01": "RSK-02 OPS-05",
    "TTA-02": "GOV-01 GOV-02",
    "TTA-08": "GOV-03 SEC-01",
    "TTA-11": "XTR-01 XTR-04 XTR-06",
    "TTA-14": "XTR-05",
    "KR-34-1-1": "RSK-02",
    "KR-34-1-2": "DAT-01 XTR-01 XTR-04 XTR-05",
    "KR-34-1-3": "HOV-03 OPS-04",
    "KR-34-1-4": "GOV-02 HOV-01",
    "KR-34-1-5": "XTR-01 OPS-01 OPS-05",
}


@pytest.mark.parametrize("key", PROPOSED)
def test_general_checklist_covers_what_it_was_proposed_to(key):
    general = read_checklist("trustworthy-ai")
    rows = [row for one in references().frameworks.values() for row in coverage(general, one, references()).rows]
    found = {row.requirement.id: [touch.item for touch in row.touches] for row in rows}

    assert found[key] == PROPOSED[key].split()


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("framework", ["TTA", "EU"])
def test_every_shipped_checklist_touches_all_requirements_of(name, framework):
    found = coverage(read_checklist(name), references().frameworks[framework], references())

    assert [one.id for one in found.missing] == []


def test_what_the_strategy_committee_may_add_is_plainly_not_covered():
    found = coverage(read_checklist("trustworthy-ai"), references().frameworks["KR-34"], references())

    assert [one.id for one in found.missing] == ["KR-34-1-6"]
