"""`explain ITEM CASE`: what was measured for an item, and what would decide it."""

import json
import re

import pytest

from reliability.checklist.read import read_checklist
from reliability.words.text import words
from tests.small_case import CHECKLIST, LIMIT, assessed, handed_in

LANGUAGES = ("ko", "en")
# 50 of 100 are favoured in either group: equal, but not surely so.
ITEMS = {
    "OWN-01": f"check: fairness.selection_rate_ratio, at_least: 0.8, {LIMIT}, by: sensitive",
    "OWN-02": "check: performance.accuracy, at_least: 0.1, source: house default",
    "OWN-03": f"check: leakage.training_overlap, at_most: 0.01, {LIMIT}",
}
ITEM = """\
      - id: {id}
        severity: minor
        title: {{ko: 제목, en: Title}}
        requirement: {{ko: 그렇다., en: It is so.}}
        criteria: [{{{criterion}}}]
        remedy: {{ko: 고친다., en: Mend it.}}
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A case judged by a checklist of one's own, whose file is gone."""
    folder = tmp_path_factory.mktemp("measured")
    path = folder / "mine.yaml"
    path.write_text(CHECKLIST + "".join(ITEM.format(id=id_, criterion=one) for id_, one in ITEMS.items()), "utf-8")
    used = read_checklist(path)
    path.unlink()
    assessed(handed_in(folder / "in"), used, folder / "case")
    return folder / "case"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_case_tells_what_was_measured_with_level_limit_and_verdict(run, case, lang):
    ran, said = run("explain", "OWN-01", case, lang=lang), words(lang)

    assert ran.status == 0
    assert said.text("cli.level", level="95%") in ran.out
    (line,) = [line for line in ran.out.splitlines() if re.search(r"\(sex\) \d\.\d\d \[\d", line)]
    assert line.startswith(f"◐ {said.text('verdict.conditional_pass')}: ")
    assert f"{said.text('cli.limit')} ≥ 0.80" in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_case_tells_the_rows_that_would_decide_an_item(run, case, lang):
    head, _, told = run("explain", "OWN-01", case, lang=lang).out.partition(words(lang).text("cli.measured.decides"))

    assert head
    assert re.search(r"‘F’ 100.* → ", told)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_case_tells_what_an_item_lacks_and_would_have_to_be_handed_in(run, case, lang):
    out = run("explain", "own-03", case / "assessment.json", lang=lang).out

    assert words(lang).text("reason.no_training_data").rstrip(".") in out
    assert words(lang).text("decide.no_training_data") in out


def test_nothing_would_decide_what_is_decided(run, case):
    out = run("explain", "OWN-02", case).out

    assert "● Pass: Accuracy" in out
    assert words("en").text("cli.measured.decides") not in out


def test_a_case_as_json_holds_the_finding(run, case):
    told = json.loads(run("explain", "OWN-01", case, "--json").out)

    assert (told["finding"]["item"], told["finding"]["verdict"]) == ("OWN-01", "conditional_pass")
    assert told["text"] + "\n" == run("explain", "OWN-01", case).out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_case_is_not_explained_by_another_checklist(run, case, lang):
    ran = run("explain", "OWN-01", case, "--checklist", "trustworthy-ai", lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "small 1.0.0" in ran.err


@pytest.mark.parametrize("what", ["guarded", "performance.accuracy"])
def test_only_an_item_is_looked_up_in_a_case(run, case, what):
    ran = run("explain", what, case)

    assert (ran.status, ran.out) == (2, "")
    assert "only an item is looked up in a submission or a case; near: " in ran.err


def test_the_next_step_of_an_assessment_leads_to_the_measured_item(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(CHECKLIST + ITEM.format(id="OWN-03", criterion=ITEMS["OWN-03"]), "utf-8")
    handed_in(tmp_path / "in")
    shown = run("assess", tmp_path / "in", "--checklist", path, "--out", tmp_path / "case").out
    (command,) = re.findall(r"→ reliability (explain OWN-03 \S+)$", shown, re.M)
    ran = run(*command.split())

    assert ran.status == 0
    assert "OWN-03  [Minor]" in ran.out
