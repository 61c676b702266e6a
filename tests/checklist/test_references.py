"""The list of references: complete, in both languages, honest about what was not confirmed; and how it is read."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from reliability import resources
from reliability.checklist.read import names
from reliability.checklist.references import NAME, Reference, read_references, references, schema
from reliability.errors import ChecklistError
from reliability.words.text import LANGUAGES, words

HANGUL = re.compile(r"[가-힣]")
SHIPPED = sorted(path for path in resources.checklists().rglob("*.yaml") if path.name != NAME)
SMALL = """\
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
      - {id: LAW-1-2, title: {ko: 둘째, en: Second}, basis: memory}
      - {id: RULE-7, title: {ko: 규칙, en: A rule}, under: LAW-1, checked: 2026-11-28}
frameworks:
  - id: LAW
    title: {ko: 법의 요구, en: What the law requires}
    requirements: [LAW-1]
"""


def used(value: Any) -> Iterator[str]:
    """Every key under `references`, wherever it stands."""
    if isinstance(value, dict):
        keys = value.get("references")
        yield from keys if isinstance(keys, list) else ()
        for part in value.values():
            yield from used(part)
    elif isinstance(value, list):
        for part in value:
            yield from used(part)


def used_in(path: Path) -> set[str]:
    with path.open(encoding="utf-8") as file:
        return set(used(YAML(typ="safe").load(file)))


def entries() -> list[Reference]:
    return list(references().entries.values())


def written(folder: Path, text: str) -> Path:
    path = folder / "list.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_reference_that_is_used_is_in_the_list(path):
    assert sorted(references().unknown(sorted(used_in(path)))) == []


def test_used_finds_keys_at_any_depth():
    nested = {"references": ["A"], "branches": [{"then": {"references": ["B", "C"]}}, {"references": 1}]}

    assert list(used(nested)) == ["A", "B", "C"]


def test_every_entry_is_used_or_required_by_a_framework():
    cited = {key for path in SHIPPED for key in used_in(path)}
    required = {one.id for framework in references().frameworks.values() for one in framework.requirements}

    assert [one.id for one in entries() if one.id not in cited | required] == []


def test_list_is_no_checklist():
    assert "references" not in names()
    assert "trustworthy-ai" in names()


@pytest.mark.parametrize(
    ("framework", "first", "last", "n"),
    [
        ("TTA", "TTA-01", "TTA-15", 15),
        ("KR-34", "KR-34-1-1", "KR-34-1-6", 6),
        ("EU", "EU-9", "EU-15", 7),
        ("ISO-42001", "ISO-42001-A.2.2", "ISO-42001-A.10.4", 38),
        ("RMF", "RMF-GOVERN-1.1", "RMF-MANAGE-4.3", 72),
    ],
)
def test_framework_has_all_its_requirements_in_order(framework, first, last, n):
    ids = [one.id for one in references().frameworks[framework].requirements]

    assert (ids[0], ids[-1], len(set(ids)), len(ids)) == (first, last, n, n)


@pytest.mark.parametrize(
    ("group", "n"),
    [
        ("ISO-42001-A.2.", 3), ("ISO-42001-A.3.", 2), ("ISO-42001-A.4.", 5), ("ISO-42001-A.5.", 4),
        ("ISO-42001-A.6.", 9), ("ISO-42001-A.7.", 5), ("ISO-42001-A.8.", 4), ("ISO-42001-A.9.", 3),
        ("ISO-42001-A.10.", 3), ("RMF-GOVERN-", 19), ("RMF-MAP-", 18), ("RMF-MEASURE-", 22), ("RMF-MANAGE-", 13),
    ],
)  # fmt: skip
def test_groups_of_a_framework_are_as_large_as_they_are_known_to_be(group, n):
    required = [one.id for framework in references().frameworks.values() for one in framework.requirements]

    assert sum(key.startswith(group) for key in required) == n


def test_entries_speak_both_languages():
    for one in entries():
        for text in (one.title, one.work):
            assert HANGUL.search(text["ko"]), one.id
            assert not HANGUL.search(text["en"]), one.id
        assert not HANGUL.search(one.edition["en"] + one.issuer["en"]), one.id


def test_titles_are_titles_and_no_copied_sentences():
    long = [one.id for one in entries() if len(one.title["ko"]) > 40 or len(one.title["en"]) > 70]
    sentences = [one.id for one in entries() if one.title["en"].endswith(".") or one.title["ko"].endswith(("다", "."))]

    assert (long, sentences) == ([], [])


def test_entries_were_looked_at_on_a_day_not_after_the_lists():
    day = date.fromisoformat(references().date)

    assert [one.id for one in entries() if date.fromisoformat(one.checked) > day] == []


@pytest.mark.parametrize("source", ["ISO-42001", "ISO-23894", "ISO-17065", "KRD"])
def test_what_was_not_compared_with_its_text_is_not_called_confirmed(source):
    found = {one.confirmed for one in entries() if one.source == source}

    assert found == {False}


@pytest.mark.parametrize("key", ["KR-34-1-5", "TTA-09", "29-CFR-1607.4-D", "EU-9-8", "RMF-MEASURE-2.11"])
def test_what_was_seen_is_called_confirmed(key):
    assert references().entries[key].confirmed
    assert not references().unconfirmed(key)


@pytest.mark.parametrize("key", ["EU-10-2-g", "EU-50-1", "EU-6-4"])
def test_articles_amended_since_they_were_read_are_not_called_confirmed(key):
    assert references().entries[key].basis == "earlier_text"
    assert references().unconfirmed(key)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("basis", ["text", "public", "second_hand", "earlier_text", "memory"])
def test_every_basis_has_words(basis, lang):
    told = words(lang).text(f"references.basis.{basis}", date="2026-11-28")
    doubtful = {"ko": "아직 확인하지 않음", "en": "Not yet confirmed"}[lang]

    assert (doubtful in told) == (basis not in {"text", "public"})


def test_entry_takes_basis_and_date_of_its_source_unless_it_has_its_own(tmp_path):
    found = read_references(written(tmp_path, SMALL)).entries

    assert [(one.basis, one.checked, one.under) for one in found.values()] == [
        ("text", "2026-11-20", None), ("memory", "2026-11-20", None), ("text", "2026-11-28", "LAW-1"),
    ]  # fmt: skip


def test_edition_may_be_worded_in_both_languages(tmp_path):
    text = SMALL.replace('edition: "2024"', "edition: {ko: 법률 제1호, en: Act No. 1}")

    assert read_references(written(tmp_path, text)).entries["LAW-1"].edition == {"ko": "법률 제1호", "en": "Act No. 1"}
    assert read_references(written(tmp_path, SMALL.replace("2024", "2023")), name="x").entries["LAW-1"].edition == {
        "ko": "2023", "en": "2023",
    }  # fmt: skip


def test_unknown_keys_are_told_once_and_in_order(tmp_path):
    listed = read_references(written(tmp_path, SMALL))

    assert listed.unknown(["b", "LAW-1", "a", "b"]) == ("b", "a")
    assert not listed.unconfirmed("b")


@pytest.mark.parametrize("name", ["TTA", "tta", "kr-34", "iso-42001"])
def test_framework_is_found_in_any_case(name):
    assert references().framework(name).id == name.upper()


def test_unknown_framework_is_refused_with_those_that_there_are():
    with pytest.raises(ChecklistError, match=r"no framework 'GDPR'; one of: TTA, KR-34, EU, ISO-42001, RMF"):
        references().framework("GDPR")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("references: 1", "references: 2", "1:1: 'references' cannot be 2: "),
        ("date: 2026-11-28\n", "", "1:1: 'date' is missing; add it"),
        ("id: LAW-1-2", "id: LAW-1", "13:10: 'LAW-1' stands here already; keep one"),
        ("basis: memory", "basis: hearsay", "13:52: 'basis' cannot be 'hearsay'; one of text, public, "),
        ("{ko: 첫째, en: First}", "{ko: 첫째}", "12:21: 'en' is missing; add it"),
        ("{ko: 첫째, en: First}", "{ko: 첫째, en: First, fr: X}", "12:48: unknown key 'fr'; nearest is 'frameworks'"),
        ("under: LAW-1", "under: LAW-2", "14:51: no entry 'LAW-2' in this file; nearest is 'LAW-1-2'"),
        ("requirements: [LAW-1]", "requirements: [LAW-9]", "18:20: no entry 'LAW-9' in this file; nearest is 'LAW-1"),
        ("[LAW-1]", "[LAW-1, LAW-1]", "18:27: 'LAW-1' stands here already; keep one"),
        ("    entries:", "    entry:", "5:5: 'entries' is missing; add it"),
        ("checked: 2026-11-20", "open_minor: 3", "5:5: 'checked' is missing; add it"),
        ('edition: "2024"', "edition: 2024", "8:5: 'edition' cannot be 2024: write text; put it in quotes"),
    ],
)
def test_refusal_says_where_and_what(tmp_path, old, new, line):
    assert SMALL.count(old) == 1
    path = written(tmp_path, SMALL.replace(old, new))

    with pytest.raises(ChecklistError) as caught:
        read_references(path)

    assert str(caught.value).startswith(f"{path}:{line}")


@pytest.mark.parametrize("text", ["", "- LAW-1\n", "word\n"])
def test_what_is_no_list_is_refused(tmp_path, text):
    with pytest.raises(ChecklistError, match=r"list\.yaml:1:1: not a list of references; start with 'references: 1'"):
        read_references(written(tmp_path, text))


def test_schema_for_editors_is_the_shape_that_is_read():
    shipped = json.loads((resources.schemas() / "references.schema.json").read_text(encoding="utf-8"))

    assert shipped == schema()
    jsonschema.Draft202012Validator.check_schema(shipped)


def test_schema_for_editors_accepts_the_shipped_list_and_no_unknown_key():
    with (resources.checklists() / NAME).open(encoding="utf-8") as file:
        data = json.loads(json.dumps(YAML(typ="safe").load(file), default=str))

    jsonschema.validate(data, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, "sorces": []}, schema())
