"""Schemes are data: shipped ones hold, broken ones say where."""

import pytest

from reliability import resources
from reliability.certification.schemes import names, read_scheme, rules_in
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
