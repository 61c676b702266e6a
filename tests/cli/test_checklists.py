"""`checklists`: the shipped ones, one of them, a file of one's own, and the forms of the command."""

import json
import re

import pytest

from reliability.checklist.read import names, read_checklist
from reliability.words.text import LANGUAGES, words

CONTENT = read_checklist("trustworthy-ai").content
ITEMS = [item["id"] for section in CONTENT["sections"] for item in section["items"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_checklists_are_listed_and_shown(run, lang):
    assert [line.split()[0] for line in run("checklists", lang=lang).out.splitlines()] == list(names())
    shown = run("checklists", "trustworthy-ai", lang=lang).out

    assert [item for item in ITEMS if f"  {item}  [" not in shown] == []


def test_a_checklist_as_json_is_the_resolved_content(run):
    (content,) = json.loads(run("checklists", "trustworthy-ai", "--json").out)

    assert content == json.loads(json.dumps(CONTENT))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_validate_accepts_a_good_checklist_and_places_the_fault_of_a_bad_one(run, tmp_path, lang):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    text = "checklist: mine\nformat: 1\nversion: 1.0.0\ntitle: {ko: 내 것, en: Mine}\nextends: [trustworthy-ai]\n"
    good.write_text(text, encoding="utf-8")
    bad.write_text(f"{text}colour: red\n", encoding="utf-8")

    assert run("checklists", "validate", good, lang=lang).status == 0
    assert json.loads(run("checklists", "validate", good, "--json").out)["valid"] is True
    refused = run("checklists", "validate", bad, lang=lang)
    assert (refused.status, refused.out) == (2, "")
    assert re.search(r"bad\.yaml:6:1: .*colour", refused.err)


OWN = """\
checklist: mine
format: 1
version: 1.0.0
title: {ko: 내 것, en: Mine}
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: PER
    title: {ko: 성능, en: Performance}
    items:
      - id: PER-01
        requirement: {ko: 맞힌다., en: It is right.}
        check: performance.accuracy
        at_least: 0.75
        source: house default
        severity: critical
"""
FAULTS = {
    "a key that is missing": ("        severity: critical\n", "", "11:9", "severity"),
    "an unknown key": ("        at_least:", "        at_lest:", "14:9", "at_lest"),
    "a doubled key": ("format: 1\n", "format: 1\nformat: 1\n", "3:1", "format"),
    "a key of another place": ("        severity:", "        open_minor: 3\n        severity:", "16:9", "open_minor"),
    "a check that is not there": ("performance.accuracy", "performance.acuracy", "13:9", "performance.accuracy"),
    "an option that is not there": ("        at_least:", "        with: {bins: 3}\n        at_least:", "14:9", "bins"),
    "a severity that is not there": ("severity: critical", "severity: grave", "16:9", "grave"),
    "a rule that is not there": ("rule: four_way", "rule: fourway", "5:12", "four_way"),
    "text for a number": ("0.75", "high", "14:9", "at_least"),
    "a number beyond JSON": ("0.75", "99999999999999999999", "14:9", "99999999999999999999"),
    "two limits": ("        source:", "        at_most: 0.9\n        source:", "13:9", "performance.accuracy"),
    "limits in reverse": ("at_least: 0.75", "between: [0.9, 0.1]", "14:9", "0.9"),
    "no source of a limit": ("        source: house default\n", "", "13:9", "source"),
    "a condition that does not parse": (
        "        severity:",
        "        when: hiring and\n        severity:",
        "16:9",
        "hiring",
    ),
    "a condition on no fact": ("        severity:", "        when: hirring\n        severity:", "16:9", "hirring"),
    "one language only": ("{ko: 맞힌다., en: It is right.}", "{ko: 맞힌다.}", "12:9", "en"),
    "a format of the future": ("format: 1", "format: 2", "2:1", "2"),
    "a checklist to extend that is not there": ("decision:", "extends: [bse]\ndecision:", "5:1", "bse"),
    "an item to drop that is not there": ("decision:", "drop: [PER-09]\ndecision:", "5:", "PER-09"),
    "no YAML": ("title: {ko: 내 것, en: Mine}", "title: {ko: 내 것", "5:", ""),
    "a tag": ("0.75", "!!float 0.75", "14:19", "tag"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", FAULTS)
def test_validate_names_line_and_column_of(run, tmp_path, what, lang):
    old, new, place, named = FAULTS[what]
    assert OWN.count(old) == 1
    path = tmp_path / "own.yaml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    ran = run("checklists", "validate", path, lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert f"{path}:{place}" in ran.err
    assert lang == "ko" or named in ran.err.split(f"{path}:{place}")[1]


def test_validate_accepts_the_checklist_that_the_faults_are_made_from(run, tmp_path):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    told = json.loads(run("checklists", "validate", tmp_path / "own.yaml", "--json").out)

    assert told == {
        "path": str(tmp_path / "own.yaml"), "checklist": "mine", "version": "1.0.0", "valid": True,
        "unknown_references": [],
    }  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_checklist_of_ones_own_is_shown_with_severity_and_requirement(run, tmp_path, lang):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    said = words(lang)

    assert run("checklists", tmp_path / "own.yaml", lang=lang).out.splitlines() == [
        {"ko": "내 것 1.0.0", "en": "Mine 1.0.0"}[lang], "", {"ko": "성능", "en": "Performance"}[lang],
        f"  PER-01  [{said.text('severity.critical')}] " + {"ko": "맞힌다.", "en": "It is right."}[lang],
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", [("checklists",), ("explain", "PER-01", "--checklist")])
def test_a_checklist_of_somebody_else_cannot_steer_the_terminal(run, tmp_path, arguments):
    text = OWN.replace("It is right.", '"right\\u202E\\u009B2J"').replace("en: Mine", 'en: "Mine\\u202E"')
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    ran = run(*arguments, tmp_path / "own.yaml")

    assert ran.status == 0
    assert "right��2J" in ran.out
    assert not {"\u202e", "\x9b"} & set(ran.out)


@pytest.mark.parametrize(
    ("name", "near"), [("trustworthy", "trustworthy-ai"), ("trustworthy_ai", "trustworthy-ai")]
)  # fmt: skip
def test_a_checklist_that_is_not_shipped_is_refused_with_the_near_one(run, name, near):
    ran = run("checklists", name)

    assert (ran.status, ran.out) == (2, "")
    assert f"nearest is '{near}'" in ran.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_validate_notes_references_that_are_not_in_the_list_beside_the_result(run, tmp_path, lang):
    path = tmp_path / "own.yaml"
    path.write_text(OWN + "        references: [사내-1, TTA-03, 사내-2]\n", encoding="utf-8")
    ran = run("checklists", "validate", path, lang=lang)

    assert (ran.status, ran.out) == (0, f"{words(lang).text('cli.checklist_valid', path=path)}\n")
    assert "사내-1, 사내-2" in ran.err
    assert "TTA-03" not in ran.err
    assert json.loads(run("checklists", "validate", path, "--json").out)["unknown_references"] == ["사내-1", "사내-2"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_validate_has_no_note_where_every_reference_is_listed(run, tmp_path, lang):
    (tmp_path / "own.yaml").write_text(OWN + "        references: [TTA-03]\n", encoding="utf-8")

    assert run("checklists", "validate", tmp_path / "own.yaml", lang=lang).err == ""


def test_a_note_on_references_cannot_steer_the_terminal(run, tmp_path):
    (tmp_path / "own.yaml").write_text(OWN + '        references: ["x\\u202E"]\n', encoding="utf-8")

    assert "\u202e" not in run("checklists", "validate", tmp_path / "own.yaml").err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("validate",), "checklists validate needs the PATH; write: reliability checklists validate PATH"),
        (("validate", "a", "b"), "checklists validate needs the PATH; "),
        (("coverage",), "checklists coverage needs the NAME; write: reliability checklists coverage NAME"),
        (("diff", "a"), "checklists diff needs the OLD and NEW; write: reliability checklists diff OLD NEW"),
        (("diff", "a", "b", "c"), "checklists diff needs the OLD and NEW; "),
        (("one", "two"), "checklists takes one NAME, or one of: validate PATH, coverage NAME, diff OLD NEW"),
        (("trustworthy-ai", "--framework", "TTA"), "--framework belongs to: reliability checklists coverage NAME"),
        (("--framework", "TTA"), "--framework belongs to: reliability checklists coverage NAME"),
        (("diff", "a", "b", "--framework", "TTA"), "--framework belongs to: "),
    ],
)
def test_other_forms_are_refused_with_the_right_one(run, arguments, line):
    ran, korean = run("checklists", *arguments), run("checklists", *arguments, lang="ko")

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert ran.err.startswith(f"error: {line}")
    assert (korean.status, korean.out, len(korean.err.splitlines())) == (2, "", 1)
    assert re.search("^오류: .*[가-힣]{2}", korean.err)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_help_names_every_form(run, lang):
    told = " ".join(run("checklists", "--help", lang=lang).out.split())

    assert all(form in told for form in ("validate PATH", "coverage NAME", "diff OLD NEW", "--framework"))
