"""Schemes are data: shipped ones hold, broken ones say where."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability import resources
from reliability.certification.schemes import months_later, names, read_scheme, rules_in, rules_of
from reliability.checklist.read import read_checklist
from reliability.errors import ChecklistError, UsageError
from reliability.reports.certificate_fields import claims

SHIPPED = ("cat-preparation", "verification")


def test_two_schemes_are_shipped():
    assert names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scheme_names_a_checklist_that_there_is_and_claims_nothing(name):
    rules = read_scheme(name)

    assert read_checklist(rules.text.checklist).id == "certification"
    assert list(claims(rules.content.decode())) == []
    assert rules.text.scheme == name
    assert rules.text.accreditation is None


@pytest.mark.parametrize("name", SHIPPED)
def test_a_scheme_is_read_back_as_it_was_kept(name):
    rules = read_scheme(name)

    assert rules_in(rules.content) == rules
    assert len(rules.agreement_sha256) == 64


def test_an_unknown_scheme_names_those_that_there_are():
    with pytest.raises(UsageError, match="cat-preparation, verification"):
        read_scheme("gold")


@pytest.mark.parametrize(
    ("line", "other", "where"),
    [
        ("validity_months: 24", "validity_months: 0", "validity_months"),
        ("consultancy: person", "consultancy: nobody", "consultancy"),
        ("gates: [CRT-01", "gates: [CRT-09", "gates.0"),
        ("format: 1", "format: 2", "format"),
        ("scheme: verification", "schema: verification", "scheme"),
    ],
)
def test_a_broken_scheme_says_the_line_and_the_key(tmp_path, line, other, where):
    text = (resources.checklists() / "schemes/verification.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(text.replace(line, other), encoding="utf-8")

    with pytest.raises(ChecklistError, match=r"own\.yaml:\d+") as caught:
        read_scheme(str(tmp_path / "own.yaml"))
    assert caught.value.values["key"] == where


def test_a_scheme_of_ones_own_is_read_from_its_file(tmp_path):
    text = (resources.checklists() / "schemes/verification.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(text.replace("validity_months: 24", "validity_months: 36"), encoding="utf-8")

    assert read_scheme(str(tmp_path / "own.yaml")).text.validity_months == 36


@pytest.mark.parametrize("key", ["title", "accreditation", "exclusions"])
def test_what_a_scheme_need_not_say_may_be_left_out(key):
    rules = read_scheme("verification")
    bare = rules_of(rules.text.model_copy(update={key: [] if key == "exclusions" else None}))

    assert rules_in(bare.content) == bare
    assert bare.agreement_sha256 == rules.agreement_sha256


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_another_word_in_either_language_makes_another_agreement(lang):
    text = read_scheme("verification").text
    reworded = text.agreement.model_copy(update={lang: getattr(text.agreement, lang) + "."})
    other = rules_of(text.model_copy(update={"agreement": reworded}))

    assert other.agreement_sha256 != rules_of(text).agreement_sha256
    assert other.sha256 != rules_of(text).sha256


def test_every_number_of_a_scheme_changes_the_digest_by_which_events_name_it():
    text = read_scheme("verification").text
    numbers = ("validity_months", "surveillance_months", "condition_days", "status_max_age_days", "look_back_months")
    digests = {rules_of(text.model_copy(update={name: getattr(text, name) + 1})).sha256 for name in numbers}

    assert len(digests | {rules_of(text).sha256}) == len(numbers) + 1


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("validity_months: 24", "validity_months: 121"), ("condition_days: 180", "condition_days: 3661"),
        ("surveillance_months: 12", "surveillance_months: 0"), ("evidence_years: 5", "evidence_years: 0"),
        ("conditional: true", "conditional: sometimes"), ("look_back_months: 24", "look_back_months: -1"),
        ("origins: [evaluator_held, witnessed, pre_sealed]", "origins: []"),
        ("origins: [evaluator_held, witnessed, pre_sealed]", "origins: [applicant_supplied]"),
        ("gates: [CRT-01, CRT-02, CRT-03, CRT-04, CRT-05, CRT-06]", "gates: []"),
        ("format: 1", "format: 1\nfees: 0"),
    ],
)  # fmt: skip
def test_what_no_scheme_may_say_is_refused(tmp_path, line, other):
    text = (resources.checklists() / "schemes/verification.yaml").read_text(encoding="utf-8")
    assert line in text
    (tmp_path / "own.yaml").write_text(text.replace(line, other), encoding="utf-8")

    with pytest.raises(ChecklistError) as caught:
        read_scheme(str(tmp_path / "own.yaml"))
    assert caught.value.code == "scheme_file"


@pytest.mark.parametrize(("day", "months", "later"), [
    (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)), (date(2024, 2, 29), 48, date(2028, 2, 29)),
    (date(2026, 3, 31), 1, date(2026, 4, 30)), (date(2026, 11, 30), 3, date(2027, 2, 28)),
    (date(2026, 12, 1), 1, date(2027, 1, 1)), (date(2026, 12, 31), 12, date(2027, 12, 31)),
    (date(2099, 12, 31), 2, date(2100, 2, 28)), (date(2026, 5, 15), 0, date(2026, 5, 15)),
])  # fmt: skip
def test_months_later_by_hand(day, months, later):
    assert months_later(day, months) == later


@given(day=st.dates(date(2000, 1, 1), date(2100, 12, 31)), months=st.integers(0, 240))
def test_months_later_is_the_same_day_or_the_last_of_that_month(day, months):
    later = months_later(day, months)
    last = calendar.monthrange(later.year, later.month)[1]

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == min(day.day, last)


@given(day=st.dates(date(2000, 1, 1), date(2100, 12, 30)), months=st.integers(0, 240))
def test_a_later_day_is_never_earlier_months_later(day, months):
    assert months_later(day, months) <= months_later(day + timedelta(days=1), months)
    assert months_later(day, months) < months_later(day, months + 1)
