"""What is told of findings that pass: why a number is known exactly, and that an item was applied for want of facts."""

import pytest

from reliability.cli import terminal
from reliability.records import Finding, Measurement, Reason
from reliability.reports.findings import finding_views
from reliability.words.text import words
from tests.reports.sample import assessment, result

LANGUAGES = ("ko", "en")
UNKNOWN = Reason.model_validate({"code": "applied_unknown", "with": {"when": "hiring", "facts": ["hiring"]}})


def known(code, check="leakage.identifier_auc", unit="auc"):
    return Measurement(check=check, value=0.5, n=705, unit=unit, method="exact", reason=Reason(code=code))


def passed(*results, reasons=()):
    return assessment(
        findings=(Finding(item="DAT-07", severity="major", verdict="pass", reasons=reasons, criteria=results),)
    )


def line_of(record, lang):
    (view,) = finding_views(record, words(lang))
    return [line.name for line in view.lines]


def printed(record, lang, capsys):
    terminal.show_assessment(record, words(lang))
    return next(line for line in capsys.readouterr().out.splitlines() if "DAT-07" in line)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ["no_identifiers", "no_text_features", "no_categories", "not_an_input"])
def test_number_that_passes_and_cannot_be_otherwise_says_why(code, lang, capsys):
    record = passed(result("pass", known(code), at_most=0.6))
    why = words(lang).text(f"reason.{code}").rstrip(".")

    assert line_of(record, lang)[0].endswith(f" · {why}")
    assert printed(record, lang, capsys).endswith(f" — {why}")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ["whole_file", "no_interval"])
def test_that_a_number_is_counted_is_not_told_of_every_line(code, lang, capsys):
    record = passed(result("pass", known(code), at_most=0.6, rule="exact"))
    why = words(lang).text(f"reason.{code}").rstrip(".")

    assert why not in line_of(record, lang)[0]
    assert why not in printed(record, lang, capsys)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_item_that_passes_says_once_that_it_was_applied_for_want_of_a_fact(lang, capsys):
    two = [result("pass", known("whole_file"), at_most=0.6, rule="exact")] * 2
    record = passed(*two, reasons=(UNKNOWN,))
    told = words(lang).text("reason.applied_unknown", facts="hiring").rstrip(".")

    assert [told in name for name in line_of(record, lang)] == [True, False]
    assert printed(record, lang, capsys).count(told) == 1


def test_line_that_is_only_shown_does_not_say_it_for_those_that_are_judged():
    shown = result("reported", known("whole_file", "leakage.single_feature_auc"), report=True, rule=None)
    record = passed(shown, result("pass", known("no_identifiers"), at_most=0.6), reasons=(UNKNOWN,))

    assert ["not known" in name for name in line_of(record, "en")] == [False, True]
