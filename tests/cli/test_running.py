"""What `measure` takes on the command line, and how it reads it."""

import json

import pytest

from reliability.cli import running
from reliability.cli.terminal import show_measurements
from reliability.errors import ChecklistError, UsageError
from reliability.words.text import words
from tests.small_case import assessed, by_item, checklist, handed_in, use_fake, with_model

LANGUAGES = ("ko", "en")
ECE, RATIO, NOISE = (
    "calibration.expected_calibration_error",
    "fairness.selection_rate_ratio",
    "robustness.noise_consistency",
)


@pytest.fixture
def folder(tmp_path):
    handed_in(tmp_path / "in", extra="  segments: [age]\n")
    return tmp_path / "in"


@pytest.fixture
def measured(run, folder):
    """Measure one check of a small submission; its records."""

    def command(check, *options):
        ran = run("measure", folder, check, *options, "--json")
        assert ran.status == 0, ran.err
        return json.loads(ran.out)

    return command


@pytest.mark.parametrize(
    ("check", "option", "value"),
    [
        (ECE, "bins=7", {"bins": 7}),
        (ECE, "bins= 7", {"bins": 7}),
        (ECE, "bins=0x7", {"bins": 7}),
        (ECE, "equal_mass=true", {"equal_mass": True}),
        (NOISE, "strength=0.25", {"strength": 0.25}),
        (NOISE, "strength=1", {"strength": 1}),
        (NOISE, "sample_size=50", {"sample_size": 50}),
        (RATIO, "minimum_group_size=5", {"minimum_group_size": 5}),
    ],
)
def test_option_is_read_as_the_type_that_the_check_takes(check, option, value):
    assert running._settings(check, (option,)) == value


@pytest.mark.parametrize(
    ("check", "option", "said"),
    [
        (ECE, "bins=many", "takes int, not 'many'"),
        (ECE, "bins=7.5", "takes int, not 7.5"),
        (ECE, "bins=true", "takes int, not True"),
        (ECE, "bins=", "takes int, not None"),
        (ECE, "bins=[1, 2]", "takes int, not"),
        (ECE, "equal_mass=yes", "takes bool, not 'yes'"),
        (ECE, "equal_mass=1", "takes bool, not 1"),
        (NOISE, "strength=high", "takes float, not 'high'"),
        (ECE, "bin=7", "nearest is 'bins'"),
        (ECE, "=7", "has no option ''"),
        ("performance.accuracy", "bins=7", "takes no options"),
    ],
)
def test_option_of_another_type_or_name_is_refused(check, option, said):
    with pytest.raises(ChecklistError) as refused:
        running._settings(check, (option,))

    assert str(refused.value).startswith("--with: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("bins",), "option_not_a_pair"),
        (("",), "option_not_a_pair"),
        (("bins=[1",), "yaml_syntax"),
        (("bins=.nan",), "yaml_not_finite"),
        (("bins=*a",), "yaml_alias"),
        (("bins=7", "bins=9"), "named_twice"),
    ],
)
def test_option_that_cannot_be_read_is_refused(options, code):
    with pytest.raises(UsageError) as refused:
        running._settings(ECE, options)

    assert refused.value.code == code


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "options", [("--with", "bins=7", "--with", "bins=9"), ("--by", "sex", "--by", "sex"), ("--by", "income")]
)
def test_options_are_refused_in_one_line_of_either_language(run, folder, options, lang):
    ran = run("measure", folder, ECE, *options, lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert ran.err.startswith({"ko": "오류: ", "en": "error: "}[lang])


def test_option_changes_what_is_measured(measured):
    (one,), (default,) = measured(ECE, "--with", "bins=1"), measured(ECE)

    assert (len(one["details"]["bins"]), len(default["details"]["bins"])) == (1, 2)


def test_slices_are_those_of_the_declared_column(measured):
    found = measured("performance.accuracy", "--by", "sex")

    assert {one["slice"]["sex"]: (one["n"], one["by"]) for one in found} == {"F": (100, ["sex"]), "M": (100, ["sex"])}
    assert sum(one["value"] * one["n"] for one in found) == pytest.approx(180)


def test_two_columns_slice_by_both_together(measured):
    found = measured("performance.accuracy", "--by", "sex", "--by", "age")

    assert {tuple(one["by"]) for one in found} == {("sex", "age")}
    assert sum(one["n"] for one in found) == 200


def test_segments_may_be_sliced_by(measured):
    assert len(measured("performance.accuracy", "--by", "age")) == 50


def test_comparison_takes_every_sensitive_attribute_where_none_is_named(measured):
    assert measured(RATIO) == measured(RATIO, "--by", "sex")


@pytest.mark.parametrize(("column", "known"), [("income", "sex, age"), ("nowhere", "sex, age")])
def test_column_that_is_not_declared_is_refused_with_those_that_are(folder, column, known):
    with pytest.raises(UsageError, match=f"declared: {known}$"):
        running.measured(
            folder, RATIO, (), (column,), words("en"), confidence=0.95, seed=0, jobs=1, timeout=60.0
        )  # fmt: skip


def test_confidence_widens_the_interval_and_stands_in_the_record(measured):
    (usual,), (sure,) = measured("performance.accuracy"), measured("performance.accuracy", "--confidence", "0.999")

    assert (usual["confidence"], sure["confidence"]) == (0.95, 0.999)
    assert sure["low"] < usual["low"] < usual["value"] < usual["high"] < sure["high"]


@pytest.mark.parametrize("value", ["0.4", "1", "nan", "95"])
def test_confidence_outside_its_range_is_refused(run, folder, value):
    ran = run("measure", folder, "performance.accuracy", "--confidence", value)

    assert (ran.status, ran.out) == (2, "")
    assert "--confidence" in ran.err


@pytest.mark.parametrize(
    "option",
    [
        ("--seed", "-1"),
        ("--seed", "x"),
        ("--jobs", "65"),
        ("--timeout", "inf"),
        ("--timeout", "nan"),
        ("--timeout", "0"),
    ],
)
def test_run_options_outside_their_range_are_refused(run, folder, option):
    ran = run("measure", folder, "performance.accuracy", *option)

    assert (ran.status, ran.out) == (2, "")
    assert option[0] in ran.err


def test_seed_changes_what_noise_does_and_stands_in_the_record(monkeypatch, run, tmp_path):
    with_model(tmp_path)
    use_fake(monkeypatch)
    records = [
        json.loads(run("measure", tmp_path, NOISE, "--with", "strength=0.01", "--seed", seed, "--json").out)[0]
        for seed in (1, 1, 2)
    ]

    assert [record["seed"] for record in records] == [1, 1, 2]
    assert records[0] == records[1]
    assert records[0] | {"seed": 2} != records[2]


def test_model_that_fails_is_told_and_never_a_number(monkeypatch, run, tmp_path):
    with_model(tmp_path)
    use_fake(monkeypatch, fails={1})
    ran = run("measure", tmp_path, "performance.accuracy")

    assert ran.status == 0
    assert ran.out.startswith("Accuracy: ")
    assert "n=" not in ran.out


def test_what_is_measured_needs_no_judge(measured):
    (found,) = measured("performance.accuracy")

    assert (found["value"], found["n"]) == (0.9, 200)


def test_checklist_is_refused_before_the_submission_is_read(run, tmp_path):
    assert "nowhere.yaml" in run("assess", tmp_path / "x", "--checklist", "nowhere.yaml", "--out", tmp_path / "c").err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_groups_of_a_few_people_print_no_figures_when_measured(capsys, run, tmp_path, lang):
    folder = tmp_path / "few"
    handed_in(folder)
    data = folder / "data.csv"
    lines = data.read_text().splitlines()
    data.write_text("\n".join(line.replace('"F"', '"X"') if place < 7 else line for place, line in enumerate(lines)))
    ran = run("measure", folder, "performance.accuracy", "--by", "sex", lang=lang)

    assert ran.status == 0, ran.err
    hidden = [line for line in ran.out.splitlines() if words(lang).text("report.suppressed") in line]
    assert len(hidden) == 2  # the three of X, and the next smallest, else X could be worked out
    assert all("n=" not in line and "%" not in line for line in hidden)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_smallest_group_of_a_few_people_is_said_to_be_fewer_than_five(run, tmp_path, lang):
    handed_in(tmp_path)
    data = tmp_path / "data.csv"
    lines = data.read_text().splitlines()
    data.write_text("\n".join(line.replace('"F"', '"X"') if place < 7 else line for place, line in enumerate(lines)))
    first, *groups = run("measure", tmp_path, "data_quality.smallest_group_size", lang=lang).out.splitlines()

    assert words(lang).text("report.under_five") in first
    assert [line for line in groups if "X" in line] == [f"    X – ({words(lang).text('report.suppressed')})"]


def test_assessment_by_the_command_line_is_that_of_the_library(run, tmp_path):
    used = checklist(tmp_path / "list", "PER-01", "FAI-01")
    submission = handed_in(tmp_path / "in")
    ours = assessed(submission, used, tmp_path / "ours")
    theirs = running.assessed(
        tmp_path / "in", str(tmp_path / "list/small.yaml"), tmp_path / "theirs", ours.dates.received, words("en")
    )

    assert by_item(theirs) == by_item(ours)
    assert theirs.dates.received == ours.dates.received


def test_measurements_without_groups_take_one_line(capsys, folder):
    found = running.measured(
        folder, "performance.accuracy", (), (), words("en"), confidence=0.95, seed=0, jobs=2, timeout=60.0
    )
    show_measurements(found, words("en"))

    assert capsys.readouterr().out.splitlines()[1:] == ["[low – high]: 95% confidence interval"]
