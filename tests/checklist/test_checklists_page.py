"""docs/checklists.md: its examples can be used, in both languages alike, and it names every key of a checklist."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from reliability.checklist.read import read_checklist
from reliability.checklist.written import ChecklistText, CriterionText, Decision, ItemText
from reliability.cli.main import commands
from reliability.records import Rule

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checklists.md").read_text(encoding="utf-8")
ENGLISH, KOREAN = re.split(r"^## (?:English|한국어)$", PAGE, flags=re.M)[1:]
EXAMPLES = {
    f"{lang} {place}": text
    for lang, part in (("en", ENGLISH), ("ko", KOREAN))
    for place, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", part, re.M | re.S), 1)
}


def written(folder, name):
    path = folder / "ours.yaml"
    path.write_text(EXAMPLES[name], encoding="utf-8")
    return path


def test_both_parts_have_the_same_three_examples():
    assert list(EXAMPLES) == [f"{lang} {place}" for lang in ("en", "ko") for place in (1, 2, 3)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_the_page_is_a_checklist_that_can_be_used(tmp_path, name):
    done = CliRunner().invoke(commands, ["checklists", "validate", str(written(tmp_path, name)), "--lang", "en"])

    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize("place", [1, 2, 3])
def test_examples_say_the_same_in_both_languages_but_for_the_sources(tmp_path, place):
    english, korean = (
        without_sources(read_checklist(written(tmp_path, f"{lang} {place}")).content) for lang in ("en", "ko")
    )

    assert english == korean


def without_sources(content):
    if isinstance(content, dict):
        return {key: without_sources(value) for key, value in content.items() if key != "source"}
    return [without_sources(one) for one in content] if isinstance(content, list) else content


def test_extending_example_drops_and_changes_what_it_says(tmp_path):
    ours, theirs = read_checklist(written(tmp_path, "en 2")), read_checklist("credit")
    ids = {one.id for one in ours.items}

    assert {one.id for one in theirs.items} - ids == {"XTR-06", "ROB-03"}
    assert ids - {one.id for one in theirs.items} == {"OWN-01"}
    assert [one.at_least for one in ours.item("FAI-02").criteria] == [0.9]
    assert (ours.item("FAI-08").severity, ours.item("FAI-08").when) == ("major", None)
    assert ours.decision == theirs.decision


@pytest.mark.parametrize("part", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_key_of_a_checklist_stands_on_the_page(part):
    models = (ChecklistText, Decision, ItemText, CriterionText)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    left_to_the_reader = {"answers", "escalate", "references"}

    assert [key for key in sorted(keys - left_to_the_reader) if not re.search(rf"\b{key}\b", part)] == []
    assert [rule for rule in Rule.__args__ if f"| `{rule}`" not in part] == []


@pytest.mark.parametrize("heading", ["### Checklists", "### 점검표"])
def test_readme_leads_to_the_page(heading):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split(f"{heading}\n", 1)[1].split("\n### ", 1)[0]

    assert "[docs/checklists.md](docs/checklists.md)" in section
