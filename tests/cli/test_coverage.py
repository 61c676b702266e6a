"""`checklists coverage`: the matrix as words, on a terminal, in a pipe and as JSON."""

import json
import re

import pytest
from rich.cells import cell_len

from reliability.checklist.coverage import coverage
from reliability.checklist.read import read_checklist
from reliability.checklist.references import references
from reliability.cli.coverage import show_coverage
from reliability.words.text import LANGUAGES, words

FRAMEWORKS = ("TTA", "KR-34", "EU", "ISO-42001", "RMF")
OWN = """\
checklist: mine
format: 1
version: 1.0.0
title: {ko: 내 것, en: "Mine\\u202E"}
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: PER
    title: {ko: 성능, en: Performance}
    items:
      - {id: PER-01, requirement: {ko: 맞힌다., en: It is right.}, check: performance.accuracy, at_least: 0.75,
         source: house default, severity: critical, references: [TTA-03]}
      - {id: PER-02, requirement: {ko: 본다., en: Look.}, check: performance.f1_macro, report: true,
         severity: minor, references: [TTA-03], when: classification}
      - {id: PER-03, requirement: {ko: 정한다., en: Settle it.}, ask: {ko: 정했습니까?, en: Is it settled?},
         evidence: {ko: 문서, en: A document}, severity: minor, references: [TTA-03, KR-34-1-1]}
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_requirement_of_every_framework_has_a_line_with_its_items(run, lang):
    told = run("checklists", "coverage", "trustworthy-ai", lang=lang).out
    general = read_checklist("trustworthy-ai")

    for framework in references().frameworks.values():
        for row in coverage(general, framework, references()).rows:
            (line,) = re.findall(rf"(?m)^  {re.escape(row.requirement.id)}†? .*", told)
            assert row.requirement.title[lang] in line
            assert all(touch.item in line for touch in row.touches)
            assert row.touches or line.endswith({"ko": "없음", "en": "none"}[lang])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_one_framework_is_shown_where_it_is_named(run, framework):
    told = run("checklists", "coverage", "trustworthy-ai", "--framework", framework.lower()).out
    heads = [line for line in told.splitlines() if re.search(r": \d+ of \d+ addressed$", line)]

    assert len(heads) == 1
    assert heads[0].startswith(references().frameworks[framework].title["en"])


def test_what_is_not_covered_is_listed_plainly(run):
    told = run("checklists", "coverage", "trustworthy-ai", "--framework", "ISO-42001").out
    (line,) = [line for line in told.splitlines() if "not addressed (" in line]

    assert "ISO-42001-A.3.3† Raising concerns" in line
    assert f"({line.count('ISO-42001-A.')})" in line


@pytest.mark.parametrize(("lang", "line"), [("ko", "다루는 항목이 있습니다."), ("en", "is addressed by an item.")])
def test_a_framework_that_is_covered_says_so(run, lang, line):
    assert line in run("checklists", "coverage", "trustworthy-ai", "--framework", "TTA", lang=lang).out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_items_are_marked_as_measured_shown_or_asked_and_the_legend_says_it(run, own, lang):
    told, said = run("checklists", "coverage", own, "--framework", "TTA", lang=lang).out, words(lang)

    assert "■PER-01 ▫PER-02* □PER-03" in told
    for mark, key in (("■", "measured"), ("▫", "reported"), ("□", "asked"), ("*", "conditional")):
        assert f"{mark} {said.text(f'coverage.{key}')}" in told
    assert said.text("coverage.no_statement") in told


def test_legend_names_only_marks_that_are_there(run, own):
    told = run("checklists", "coverage", own, "--framework", "KR-34").out

    assert "□PER-03" in told
    assert not {"■", "▫", "*", "†"} & set(told)


@pytest.mark.parametrize(("framework", "marked"), [("TTA", False), ("ISO-42001", True), ("EU", True), ("RMF", False)])
def test_unconfirmed_requirements_are_marked_and_explained(run, framework, marked):
    told = run("checklists", "coverage", "trustworthy-ai", "--framework", framework).out

    assert ("†" in told) is marked
    assert (words("en").text("references.unconfirmed") in told) is marked


def test_as_json_it_is_the_record(run):
    told = json.loads(run("checklists", "coverage", "trustworthy-ai", "--json").out)

    assert (told["checklist"], told["version"]) == ("trustworthy-ai", read_checklist("trustworthy-ai").version)
    assert told["references"] == {"version": references().version, "date": references().date}
    assert [one["framework"] for one in told["frameworks"]] == list(FRAMEWORKS)
    assert told["frameworks"][1]["not_covered"] == ["KR-34-1-6"]
    assert [one["of"] for one in told["frameworks"]] == [15, 6, 7, 38, 72]


def test_a_checklist_of_somebody_else_cannot_steer_the_terminal(run, own):
    told = run("checklists", "coverage", own).out

    assert "Mine�" in told
    assert "\u202e" not in told


@pytest.mark.parametrize("columns", [50, 80, 120])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_a_terminal_no_line_is_wider_than_it(terminal, columns, lang):
    screen = terminal(columns)
    show_coverage("trustworthy-ai", None, words(lang), as_json=False)

    assert [line for line in screen.lines() if cell_len(line) > columns] == []


def test_on_a_wide_terminal_items_stand_in_a_column(terminal):
    screen = terminal(120)
    show_coverage("trustworthy-ai", "KR-34", words("ko"), as_json=False)
    rows = [line for line in screen.lines() if re.match(r"  KR-34-1-\d", line)]

    starts = {cell_len(re.split("[■□▫]|없음", row)[0]) for row in rows}
    assert len(rows) == 6
    assert len(starts) == 1


def test_on_a_narrow_terminal_items_stand_beneath_their_requirement(terminal):
    screen = terminal(60)
    show_coverage("trustworthy-ai", "KR-34", words("ko"), as_json=False)
    lines = screen.lines()
    place = next(n for n, line in enumerate(lines) if line.startswith("  KR-34-1-1"))

    assert lines[place + 1].strip() == "□RSK-02"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_framework_is_refused_with_the_ones_there_are(run, lang):
    ran = run("checklists", "coverage", "trustworthy-ai", "--framework", "GDPR", lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "TTA, KR-34, EU, ISO-42001, RMF" in ran.err


def test_an_unknown_checklist_is_refused_with_the_near_one(run):
    ran = run("checklists", "coverage", "trustworty-ai")

    assert (ran.status, ran.out) == (2, "")
    assert "nearest is 'trustworthy-ai'" in ran.err
