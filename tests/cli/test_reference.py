"""References in words: beside an item, and one explained by itself."""

import re

import pytest

from reliability.checklist.read import read_checklist
from reliability.checklist.references import references
from reliability.cli.explaining import explanation
from reliability.cli.reference import cited, reference_text
from reliability.words.text import LANGUAGES, words

CONTENT = read_checklist("trustworthy-ai").content
HANGUL = re.compile("[가-힣]")


def test_keys_are_cited_with_their_titles_in_a_column():
    assert cited(["TTA-02", "KR-34-1-1"], words("en")) == [
        "TTA-02     Governance structure", "KR-34-1-1  A plan for managing risks",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unconfirmed_key_is_marked_and_said_so(lang):
    first, second, note = cited(["TTA-02", "ISO-42001-A.2.2"], words(lang))

    assert first.startswith("TTA-02 ")
    assert second.startswith("ISO-42001-A.2.2†  ")
    assert note == f"† {words(lang).text('references.unconfirmed')}"


def test_a_key_that_is_not_listed_is_cited_as_written():
    assert cited(["사내-1", "TTA-02"], words("en")) == ["사내-1", "TTA-02  Governance structure"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_item_is_explained_with_the_titles_of_its_references(run, lang):
    told = run("explain", "GOV-01", lang=lang).out
    title = references().entries["RMF-GOVERN-1.2"].title[lang]

    assert re.search(rf"(?m)^  RMF-GOVERN-1\.2 +{title}$", told)
    assert re.search(r"(?m)^  ISO-42001-A\.2\.2† ", told)
    assert words(lang).text("references.unconfirmed") in told


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", sorted(references().entries))
def test_every_clause_can_be_explained(key, lang):
    told = explanation(key, CONTENT, words(lang))

    assert told.startswith(f"{key}: ")
    assert len(told.splitlines()) in {4, 5}
    assert "None" not in told
    assert bool(HANGUL.search(told.replace(key, ""))) is (lang == "ko")


@pytest.mark.parametrize("what", ["krd-27-2", "KRD-27-2", " KRD-27-2 "])
def test_a_clause_is_explained_in_any_case_with_what_it_is_part_of(what):
    title, work, basis, own, citing = reference_text(what, CONTENT, words("en")).splitlines()

    assert title == "KRD-27-2: Keeping the evidence of measures for five years"
    assert work.startswith("Enforcement Decree of the AI Basic Act, Presidential Decree No. 36053 (2026-01-21), ")
    assert basis.startswith("Not yet confirmed: read as it was before an amendment (2026-")
    assert own == words("en").text("references.own_words")
    assert citing == "Cited by: OPS-05"


def test_a_confirmed_clause_says_when_it_was_seen():
    assert "Confirmed in the text itself (2026-11-20)." in reference_text("KR-34-1-1", CONTENT, words("en"))


def test_a_clause_that_no_item_cites_names_none():
    assert "Cited by" not in reference_text("RMF-MANAGE-3.2", CONTENT, words("en"))


def test_what_is_no_clause_is_none():
    assert reference_text("TTA-99", CONTENT, words("en")) is None


def test_explain_takes_a_clause_on_the_command_line(run):
    assert run("explain", "tta-09").out.startswith("TTA-09: Removing bias from the model\n")
