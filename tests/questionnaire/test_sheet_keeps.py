"""Sheets of every style: whatever is merged or changed, no word, comment, order or quoting is lost."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import SubmissionError
from reliability.questionnaire.loss import refuse_loss
from reliability.questionnaire.sheet import changed, merged
from reliability.questionnaire.splices import child, compose, pairs
from reliability.records import EvidenceFile
from reliability.yaml_lines import parse_yaml
from tests.questionnaire.sheets import ANSWER, ITEMS, SHA, TEXT, beside, checklist, is_part_in_order, sheets, standing

DAY = st.sampled_from(["2026-01-31", "2026-12-01"])


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checklists")
    return {version: checklist(folder, version=version) for version in ("1.0.0", "2.0.0")}


def data(text):
    return parse_yaml(text.encode(), error=SubmissionError, name="answers.yaml").data


def asked_of(text, used):
    with tempfile.TemporaryDirectory() as folder:
        return standing(Path(folder), text, used)


def items_of(text):
    return [key.value for key, _ in pairs(child(compose(text).root, "items"))]


@given(sheet=sheets())
@settings(max_examples=100, deadline=None)
def test_merging_the_same_version_only_adds_lines(used, sheet):
    text, items = sheet
    new = merged(text, asked_of(text, used["1.0.0"]), beside(*ITEMS))

    refuse_loss(text, new, {}, name="answers.yaml")
    assert sorted(items_of(new)) == sorted(ITEMS)
    if items:
        assert is_part_in_order(text.splitlines(), new.splitlines())
    assert merged(new, asked_of(new, used["1.0.0"]), beside(*ITEMS)) == new


@given(sheet=sheets())
@settings(max_examples=80, deadline=None)
def test_merging_another_version_keeps_every_answer_as_one_to_the_question_it_was_given_to(used, sheet):
    text, _ = sheet
    before = asked_of(text, used["1.0.0"])
    new = merged(text, asked_of(text, used["2.0.0"]), beside(*ITEMS))
    after = asked_of(new, used["2.0.0"])

    refuse_loss(text, new, {}, name="answers.yaml")
    assert (after.answers, after.drafts.keys() >= before.drafts.keys()) == (before.answers, True)
    assert {item: after.states[item] for item in before.answers} == dict.fromkeys(before.answers, "question_changed")
    assert asked_of(new, used["1.0.0"]).answers == before.answers
    assert merged(new, after, beside(*ITEMS)) == new


@st.composite
def fields(draw):
    told = {"answer": draw(ANSWER), "note": draw(TEXT)}
    for name, values in (("by", TEXT), ("date", DAY), ("checked_by", st.one_of(st.none(), TEXT))):
        if draw(st.booleans()):
            told[name] = draw(values)
    if draw(st.booleans()):
        paths = draw(
            st.lists(st.sampled_from(["a.pdf", "new.pdf", "근거/b c.pdf", "d#1.pdf"]), unique=True, max_size=4)
        )
        renew = draw(st.one_of(st.none(), DAY))
        told["evidence"] = tuple(
            EvidenceFile(path=path, sha256=draw(st.sampled_from([SHA, "b" * 64])), renew=renew) for path in paths
        )
    return told


@given(sheet=sheets(), changes=st.dictionaries(st.sampled_from(ITEMS), fields(), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_changing_answers_changes_nothing_else(used, sheet, changes):
    text, _ = sheet
    old = merged(text, asked_of(text, used["1.0.0"]), beside(*ITEMS))
    before = asked_of(old, used["1.0.0"])
    new = changed(old, changes, ("small", "1.0.0"))
    after = asked_of(new, used["1.0.0"])

    refuse_loss(old, new, changes, name="answers.yaml")
    for item, told in changes.items():
        assert {name: getattr(after.answers[item], name) for name in told} == told
        assert after.states[item] == "answered"
    untouched = [item for item in before.answers if item not in changes]
    assert {item: after.answers[item] for item in untouched} == {item: before.answers[item] for item in untouched}
