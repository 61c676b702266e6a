"""What changed between two checklists: every kind of change, which way it goes, and what it means for answers given."""

import json
from pathlib import Path
from typing import get_args

import pytest

from reliability.checklist.difference import CODES, Change, Difference, Way, difference
from reliability.checklist.read import Checklist, read_checklist
from reliability.records import canonical_json
from reliability.words.text import LANGUAGES, words

SMALL = """\
checklist: small
format: 1
version: 1.0.0
title: {ko: 작은 점검표, en: Small}
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: PER
    title: {ko: 성능, en: Performance}
    items:
      - id: PER-01
        title: {ko: 정확도, en: Accuracy}
        requirement: {ko: 맞힌다., en: It is right.}
        criteria:
          - {check: performance.accuracy, at_least: 0.75, rule: guarded, source: house default}
          - {check: performance.f1_macro, report: true}
        severity: major
        references: [TTA-03, EU-15]
      - id: PER-02
        requirement: {ko: 고르다., en: It is even.}
        check: performance.weakest_slice
        with: {minimum_rows: 30}
        between: [0.2, 0.8]
        source: house default
        severity: minor
        when: classification
  - id: GOV
    title: {ko: 거버넌스, en: Governance}
    items:
      - id: GOV-01
        requirement: {ko: 방침이 있다., en: There is a policy.}
        ask: {ko: 방침이 있습니까?, en: Is there a policy?}
        evidence: {ko: 방침., en: The policy.}
        severity: minor
        escalate: {major: hiring}
        remedy: {ko: 쓴다., en: Write it.}
      - id: GOV-02
        requirement: {ko: 책임자가 있다., en: Somebody is responsible.}
        ask: {ko: 책임자가 있습니까?, en: Is somebody responsible?}
        evidence: {ko: 업무분장표., en: The assignment of duties.}
        severity: minor
"""
POLICY = "        ask: {ko: 방침이 있습니까?, en: Is there a policy?}\n"
ASKED_OF = "        ask: {{ko: {0}, en: {0}}}\n        evidence: {{ko: 나, en: b}}\n"
CRITERIA = SMALL[SMALL.index("        criteria:") : SMALL.index("        severity: major\n        references")]
LAST = SMALL[SMALL.index("      - id: GOV-02") :]


def read(folder: Path, text: str, name: str) -> Checklist:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_checklist(path)


def changed(folder: Path, *edits: tuple[str, str], version: str = "1.1.0") -> Difference:
    """From the small checklist to it with these edits."""
    text = SMALL.replace("version: 1.0.0", f"version: {version}")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return difference(read(folder, SMALL, "a.yaml"), read(folder, text, "b.yaml"))


def reversed_(found: Difference) -> Difference:
    return difference(found.new, found.old)


def told(found: Difference) -> list[tuple[str | None, str, str]]:
    return [(change.item, change.code, change.way) for change in found.changes]


def only(found: Difference) -> Change:
    (change,) = found.changes
    return change


OTHER_WAY = {"tighter": "looser", "looser": "tighter", "other": "other"}
WHOLE = [
    ("{rule: four_way, confidence", "{rule: guarded, confidence", "rule_default", "tighter", "four_way", "guarded"),
    ("{rule: four_way, confidence", "{rule: simple, confidence", "rule_default", "looser", "four_way", "simple"),
    ("{rule: four_way, confidence", "{rule: exact, confidence", "rule_default", "other", "four_way", "exact"),
    ("confidence: 0.95", "confidence: 0.99", "confidence", "tighter", 0.95, 0.99),
    ("major: conditional_pass", "major: pass", "bar", "tighter", "conditional_pass", "pass"),
    ("critical: pass", "critical: conditional_pass", "bar", "looser", "pass", "conditional_pass"),
    ("open_minor: 3", "open_minor: 1", "open_minor", "tighter", 3, 1),
]
OF_AN_ITEM = [
    ("at_least: 0.75", "at_least: 0.8", "limit", "tighter", {"at_least": 0.75}, {"at_least": 0.8}),
    ("at_least: 0.75", "between: [0.7, 0.9]", "limit", "other", {"at_least": 0.75}, {"between": [0.7, 0.9]}),
    ("at_least: 0.75", "equals: 1", "limit", "other", {"at_least": 0.75}, {"equals": 1}),
    ("rule: guarded", "rule: simple", "rule", "looser", "guarded", "simple"),
    ("guarded, source: house default", "guarded, source: EU-15", "source", "other", "house default", "EU-15"),
    ("minimum_rows: 30", "minimum_rows: 50", "options", "other", {"minimum_rows": 30},
     {"minimum_rows": 50}),
    ("f1_macro, report: true", "f1_macro, at_least: 0.5, rule: guarded, source: house default", "judged_now", "tighter",
     {}, {"at_least": 0.5}),
    ("        severity: major\n        references", "        severity: critical\n        references", "severity",
     "tighter", "major", "critical"),
    ("escalate: {major: hiring}", "escalate: {critical: hiring}", "escalate", "other", {"major": "hiring"},
     {"critical": "hiring"}),
    ("        when: classification\n", "", "when", "tighter", "classification", None),
    ("when: classification", "when: hiring", "when", "other", "classification", "hiring"),
    ("        escalate: {major", "        bar: conditional_pass\n        escalate: {major", "own_bar", "other", None,
     "conditional_pass"),
    ("en: Accuracy}", "en: Share right}", "title", "other", {"ko": "정확도", "en": "Accuracy"},
     {"ko": "정확도", "en": "Share right"}),
    ("en: It is right.", "en: It is mostly right.", "requirement", "other", {"ko": "맞힌다.", "en": "It is right."},
     {"ko": "맞힌다.", "en": "It is mostly right."}),
    ("en: Write it.", "en: Write it down.", "remedy", "other", {"ko": "쓴다.", "en": "Write it."},
     {"ko": "쓴다.", "en": "Write it down."}),
    ("en: Is there a policy?", "en: Is there an AI policy?", "question", "other",
     {"ko": "방침이 있습니까?", "en": "Is there a policy?"},
     {"ko": "방침이 있습니까?", "en": "Is there an AI policy?"}),
    ("en: The policy.", "en: The signed policy.", "evidence", "other", {"ko": "방침.", "en": "The policy."},
     {"ko": "방침.", "en": "The signed policy."}),
    (POLICY, POLICY + "        answers: {evidence: required}\n", "evidence_needed", "tighter", "optional", "required"),
    (POLICY, POLICY + "        answers: {checked_by: required}\n", "second_person", "tighter", "optional", "required"),
    ("references: [TTA-03, EU-15]", "references: [EU-15, TTA-04]", "references", "other", ["TTA-03"], ["TTA-04"]),
]  # fmt: skip


def test_a_checklist_differs_in_nothing_from_itself(tmp_path):
    found = changed(tmp_path, version="1.0.0")

    assert found.changes == ()
    assert found.confirm == ("GOV-01", "GOV-02")


def test_a_new_version_number_alone_is_no_change_of_content(tmp_path):
    assert changed(tmp_path).changes == ()


@pytest.mark.parametrize(("before", "after", "code", "way", "old", "new"), WHOLE)
def test_change_of_the_whole_is_told_both_ways(tmp_path, before, after, code, way, old, new):
    edits = [(before, after)]
    if code == "rule_default":  # PER-02 and GOV go by it; so that only the default is told, PER-02 has its own
        edits.append(("        between:", "        rule: simple\n        between:"))
    found = changed(tmp_path, *edits)
    change = found.changes[0]

    assert (change.item, change.code, change.way, change.old, change.new) == (None, code, way, old, new)
    back = reversed_(found).changes[0]
    assert (back.code, back.way, back.old, back.new) == (code, OTHER_WAY[way], new, old)


def test_bar_names_its_severity(tmp_path):
    assert only(changed(tmp_path, ("major: conditional_pass", "major: pass"))).about == {"severity": "major"}


@pytest.mark.parametrize(("before", "after", "code", "way", "old", "new"), OF_AN_ITEM)
def test_change_of_an_item_is_told_both_ways(tmp_path, before, after, code, way, old, new):
    found = changed(tmp_path, (before, after))
    change = only(found)

    assert (change.code, change.way, change.old, change.new) == (code, way, old, new)
    back = only(reversed_(found))
    expected = "reported_now" if code == "judged_now" else code
    assert (back.code, back.way, back.old, back.new) == (expected, OTHER_WAY[way], new, old)


@pytest.mark.parametrize(
    ("limits", "way"),
    [
        ("[0.3, 0.8]", "tighter"), ("[0.2, 0.7]", "tighter"), ("[0.3, 0.7]", "tighter"),
        ("[0.1, 0.8]", "looser"), ("[0.1, 0.9]", "looser"), ("[0.3, 0.9]", "other"), ("[0.1, 0.7]", "other"),
    ],
)  # fmt: skip
def test_range_is_tighter_only_if_no_end_is_looser(tmp_path, limits, way):
    assert only(changed(tmp_path, ("[0.2, 0.8]", limits))).way == way


def test_range_that_becomes_one_limit_is_neither_tighter_nor_looser(tmp_path):
    assert only(changed(tmp_path, ("between: [0.2, 0.8]", "at_most: 0.2"))).way == "other"


@pytest.mark.parametrize(("limit", "way"), [(0.1, "tighter"), (0.3, "looser")])
def test_upper_limit_is_tighter_where_it_is_lower(tmp_path, limit, way):
    upper = SMALL.replace("performance.accuracy, at_least: 0.75", "performance.brier_score, at_most: 0.2")
    old = read(tmp_path, upper, "a.yaml")
    new = read(tmp_path, upper.replace("at_most: 0.2", f"at_most: {limit}").replace("1.0.0", "1.1.0"), "b.yaml")

    assert told(difference(old, new)) == [("PER-01", "limit", way)]


def test_default_rule_is_told_of_every_criterion_that_goes_by_it(tmp_path):
    found = changed(tmp_path, ("rule: four_way, confidence", "rule: guarded, confidence"))

    assert told(found) == [(None, "rule_default", "tighter"), ("PER-02", "rule", "tighter")]


def test_new_and_dropped_items_are_told_with_title_and_kind(tmp_path):
    found = changed(tmp_path, (LAST, ""))
    change, back = only(found), only(reversed_(found))

    assert (change.code, change.item, change.old, change.new) == ("dropped", "GOV-02", "asked", None)
    assert (back.code, back.item, back.old, back.new) == ("added", "GOV-02", None, "asked")
    assert back.about == {
        "title": {"ko": "책임자가 있다.", "en": "Somebody is responsible."}, "severity": "minor", "when": None,
    }  # fmt: skip


def test_item_that_moves_to_another_section_is_told(tmp_path):
    moved = SMALL.replace(LAST, "").replace("  - id: GOV\n", LAST + "  - id: GOV\n")
    old, new = read(tmp_path, SMALL, "a.yaml"), read(tmp_path, moved, "b.yaml")

    assert ("GOV-02", "moved", "other") in told(difference(old, new))


def test_item_that_was_measured_and_is_asked_tells_no_more_than_that(tmp_path):
    found = changed(tmp_path, (CRITERIA, ASKED_OF.format("가?")))

    assert told(found) == [("PER-01", "asked_now", "other")]
    assert told(reversed_(found)) == [("PER-01", "measured_now", "other")]


def test_criteria_that_come_and_go_are_told_with_what_they_are(tmp_path):
    reported = "          - {check: performance.f1_macro, report: true}\n"
    judged = "          - {check: performance.balanced_accuracy, at_least: 0.5, source: house default}\n"
    without, with_one = changed(tmp_path, (reported, "")), changed(tmp_path, (reported, reported + judged))

    assert told(without) == [("PER-01", "criterion_dropped", "other")]
    assert only(without).about == {"check": "performance.f1_macro", "report": True}
    assert told(with_one) == [("PER-01", "criterion_added", "tighter")]
    assert told(reversed_(with_one)) == [("PER-01", "criterion_dropped", "looser")]


def test_criteria_are_paired_with_the_most_alike_whatever_their_order(tmp_path):
    strict = "          - {check: performance.accuracy, at_least: 0.9, rule: guarded, source: house default}\n"
    plain = "          - {check: performance.accuracy, at_least: 0.75, rule: guarded, source: house default}\n"
    found = changed(tmp_path, (plain, strict + plain))

    assert told(found) == [("PER-01", "criterion_added", "tighter")]
    assert only(found).about["at_least"] == 0.9


def test_content_that_changes_under_the_same_version_is_told_first(tmp_path):
    found = changed(tmp_path, ("at_least: 0.75", "at_least: 0.8"), version="1.0.0")

    assert told(found) == [(None, "same_version", "other"), ("PER-01", "limit", "tighter")]


def test_order_of_references_is_no_change(tmp_path):
    assert changed(tmp_path, ("[TTA-03, EU-15]", "[EU-15, TTA-03]")).changes == ()


@pytest.mark.parametrize("edit", ["en: Is there a policy?", "ko: 방침이 있습니까?", "en: The policy.", "ko: 방침."])
def test_question_reworded_in_any_language_is_to_be_answered_again(tmp_path, edit):
    found = changed(tmp_path, (edit, f"{edit[:-1]} (개정)"))

    assert (found.answer_again, found.confirm) == (("GOV-01",), ("GOV-02",))


def test_limit_or_severity_changes_no_answer(tmp_path):
    found = changed(tmp_path, ("at_least: 0.75", "at_least: 0.8"), ("escalate: {major: hiring}", "escalate: {}"))

    assert (found.answer_again, found.confirm) == ((), ("GOV-01", "GOV-02"))


def test_answers_are_sorted_into_first_again_confirm_and_no_longer(tmp_path):
    new = SMALL.replace("Is there a policy?", "Is there an AI policy?").replace("GOV-02", "GOV-03")
    found = difference(read(tmp_path, SMALL, "a.yaml"), read(tmp_path, new, "b.yaml"))

    assert (found.answer_first, found.answer_again, found.confirm, found.no_longer_asked) == (
        ("GOV-03",), ("GOV-01",), (), ("GOV-02",),
    )  # fmt: skip


def test_item_that_is_asked_from_now_on_is_answered_for_the_first_time(tmp_path):
    found = changed(tmp_path, (CRITERIA, ASKED_OF.format("가?")))

    assert (found.answer_first, found.answer_again) == (("PER-01",), ())
    assert reversed_(found).no_longer_asked == ("PER-01",)


def test_record_is_plain_json(tmp_path):
    found = changed(tmp_path, ("at_least: 0.75", "at_least: 0.8"))
    record = json.loads(canonical_json(found.record()))

    assert (record["from"]["version"], record["to"]["version"]) == ("1.0.0", "1.1.0")
    assert record["answers"] == {
        "answer_again": [], "answer_first": [], "confirm": ["GOV-01", "GOV-02"], "no_longer_asked": [],
    }  # fmt: skip
    assert record["changes"] == [
        {
            "code": "limit", "item": "PER-01", "way": "tighter", "old": {"at_least": 0.75}, "new": {"at_least": 0.8},
            "about": {
                "check": "performance.accuracy", "at_least": 0.8, "rule": "guarded", "source": "house default",
            },
        }
    ]  # fmt: skip


def test_shipped_checklists_differ_from_what_they_extend_by_their_own_words():
    found = difference(read_checklist("trustworthy-ai"), read_checklist("certification"))
    codes = {change.code for change in found.changes}

    assert (None, "rule_default", "tighter") in told(found)
    assert {"evidence_needed", "second_person", "added", "bar"} <= codes
    assert found.no_longer_asked == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_change_has_words(lang):
    worded = {"references": ["diff.references_added", "diff.references_dropped"]}
    keys = [key for code in CODES for key in worded.get(code, [f"diff.{code}"])]
    keys += [f"diff.way.{way}" for way in get_args(Way)]

    assert [key for key in keys if key not in words(lang)] == []
