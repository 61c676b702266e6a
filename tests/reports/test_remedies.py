import re
from pathlib import Path

import pytest

from reliability.advice import RemedyTried, Why
from reliability.advise.remedies import EFFORTS
from reliability.cli.advice import why_text
from reliability.reports.remedies import cautions, effort_text, remedy_name, untried, who_text
from reliability.words.text import LANGUAGES, words
from tests.reports.advised import REMEDIES

KNOWN = {one.id: one for one in REMEDIES}
KEYS = re.findall(
    r'msgid "advise\.((?:caution|not_tried|unmeasured)\.\w+)"',
    (Path(__file__).resolve().parents[2] / "reliability/words/en.po").read_text(encoding="utf-8"),
)


def named(identity, lang="en"):
    return remedy_name(KNOWN[identity], KNOWN, words(lang))


def test_a_remedy_is_named_by_what_tells_it_from_others():
    assert named("R2") == "A threshold for every group: equal selection rates; sex"
    assert named("R4") == "Retrained without some of its inputs: 소득"


def test_a_combination_is_named_by_its_parts():
    assert named("R7") == f"{named('R2')} + {named('R4')}"


def test_many_columns_are_cut():
    many = RemedyTried(id="R9", name="without_columns", acts_on="model", effort=2, state="confirmed",
                       options={"columns": [f"column_{n}" for n in range(40)]})  # fmt: skip

    assert len(remedy_name(many, {}, words("en"))) < 100


def test_a_remedy_of_a_later_version_goes_by_its_name():
    later = RemedyTried(id="R9", name="wisdom", acts_on="process", effort=4, state="confirmed",
                        options={"way": "slow"}, cautions=("patience",))  # fmt: skip

    assert remedy_name(later, {}, words("ko")) == "wisdom: slow"
    assert cautions(later, words("ko")) == ("patience",)


def test_remedies_that_were_not_tried_stand_by_their_reason():
    again = KNOWN["R5"].model_copy(update={"id": "R8", "options": {"attributes": ["age"], "way": "platt"}})
    rows = list(untried([KNOWN["R5"], KNOWN["R2"], again, KNOWN["R6"]], KNOWN, words("en")))

    assert [row.text for row in rows] == ["no group has 100 rows", "there is nothing to change"]
    assert rows[0].name.count("Scores recalibrated group by group") == 2


def test_a_reason_that_measurements_have_too_is_worded_as_theirs():
    failed = KNOWN["R6"].model_copy(update={"why": Why(code="model_timeout", **{"with": {"seconds": 60}})})
    (row,) = untried([failed], KNOWN, words("en"))

    assert "60" in row.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_efforts_and_people_have_words(lang):
    for acts_on, effort in EFFORTS.items():
        changed = KNOWN["R1"].model_copy(update={"acts_on": acts_on, "effort": 5 - effort})
        told = effort_text(changed, words(lang))
        assert told == words(lang).text("effort.class", n=5 - effort, what=words(lang).text(f"effort.of.{acts_on}"))
        assert len(told) > 8
    for acts_on in ("decisions", "scores", "model", "data", "inputs", "process", "rows", "answers", "item"):
        assert who_text(acts_on, words(lang))


@pytest.mark.parametrize("key", KEYS)
def test_what_the_terminal_says_politely_documents_say_plainly(key):
    assert f"mending.{key}" in words("en")
    assert not re.search("(니다|세요)[.]", words("ko").text(f"mending.{key}"))


def test_there_are_words_to_hold_against_each_other():
    assert len(KEYS) > 30


def test_a_reason_of_a_later_version_goes_by_its_code():
    later = KNOWN["R6"].model_copy(update={"why": Why(code="no_patience")})

    assert [row.text for row in untried([later], KNOWN, words("ko"))] == ["no_patience"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ["groups_too_small", "fewer_than_two_groups", "of_tomorrow"])
def test_a_reason_that_lacks_what_its_words_say_stands_as_its_code(lang, code):
    bare = RemedyTried(id="R9", name="threshold", acts_on="decisions", effort=1, state="not_tried", why=Why(code=code))

    assert [row.text for row in untried([bare], {"R9": bare}, words(lang))] == [code]
    assert why_text(bare, words(lang)) == code
