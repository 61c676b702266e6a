"""Names as they are compared: one name, however it is written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.certification.naming import compared, compared_organisation

NAMES = st.text(st.sampled_from("온고을신용전주 AbÉ-·1２"), min_size=1, max_size=12).filter(str.strip)


@pytest.mark.parametrize(("one", "other"), [
    ("402-81-00000", "4028100000"), ("Kim Ha-neul", "kimhaneul"), ("ＡＩ 허브", "AI허브"), ("심사 v2", "심사V2"),
    ("straße", "STRASSE"), ("온고을", unicodedata.normalize("NFD", "온고을")),
])  # fmt: skip
def test_the_same_name_written_otherwise_is_the_same(one, other):
    assert compared(one) == compared(other)


@pytest.mark.parametrize(("one", "other"), [
    ("모델 1", "모델 2"), ("김하늘", "김하"), ("v1.2", "v1.3"), ("&", "+"), ("", "모델"),
])  # fmt: skip
def test_another_name_stays_another(one, other):
    assert compared(one) != compared(other)


@pytest.mark.parametrize("written", [
    "(주)온고을신용", "온고을신용(주)", "주식회사 온고을신용", "온고을신용 주식회사", "㈜온고을신용", "온고을 신용",
    "유한회사 온고을신용", "주식 회사 온고을신용",
])  # fmt: skip
def test_a_legal_form_makes_no_other_organisation(written):
    assert compared_organisation(written) == "온고을신용"


@pytest.mark.parametrize(("written", "name"), [
    ("Onggoeul Credit Co., Ltd.", "onggoeulcredit"), ("Onggoeul Credit Inc.", "onggoeulcredit"),
    ("INCHEON BANK", "incheonbank"), ("Prince Co", "princeco"), ("재단법인 전주", "전주"), ("사단법인 전주", "전주"),
])  # fmt: skip
def test_a_legal_form_is_a_word_of_its_own(written, name):
    assert compared_organisation(written) == name


def test_a_name_that_is_nothing_but_a_legal_form_is_still_a_name():
    assert compared_organisation("주식회사") == "주식회사"
    assert compared_organisation("(주)") == compared_organisation("㈜") != ""


@given(name=NAMES)
def test_comparing_what_was_compared_changes_nothing(name):
    assert compared(compared(name)) == compared(name)
    assert compared_organisation(compared_organisation(name)) == compared_organisation(name)


@given(name=NAMES, form=st.sampled_from(("NFC", "NFD", "NFKC", "NFKD")))
def test_whoever_composes_letters_otherwise_means_the_same(name, form):
    assert compared(unicodedata.normalize(form, name)) == compared(name)


@given(name=NAMES, blanks=st.integers(0, 3))
def test_blanks_and_capitals_tell_no_names_apart(name, blanks):
    spread = (" " * blanks).join(name).upper()

    if any(letter.isalnum() for letter in name):
        assert compared(spread) == compared(name)


@given(name=NAMES.filter(lambda name: any(letter.isalnum() for letter in name)),
       form=st.sampled_from(("(주)", "주식회사 ", "㈜", "유한회사 ")))  # fmt: skip
def test_a_legal_form_before_or_behind_is_left_out(name, form):
    assert compared_organisation(form + name) == compared_organisation(f"{name} {form}") == compared_organisation(name)
