import subprocess
import sys
import textwrap
from types import ModuleType

import pytest

from reliability.checklist.catalogue import check_named, checks, checks_in, nearest
from reliability.errors import ChecklistError

SOURCE = '''
from typing import Literal
from math import sqrt
from reliability.records import Measurement

def share(confusion_matrix: object, training_row_digests: object, *, strength: float = 0.1, repeats: int,
          tail: Literal["upper", "lower"] = "upper", columns: tuple[str, ...] = (), log: bool = False,
          confidence: float = 0.95, seed: int = 0) -> Measurement:
    """Share of something.

    More about it.
    """

def gaps(group_counts: object) -> tuple[Measurement, ...]:
    """Gaps of something."""

def formula(x: float) -> float:
    """No check: it returns a number."""

def _hidden(moments: object) -> Measurement:
    """No check: it is private."""
'''


def module(source=SOURCE, name="made_up"):
    made = ModuleType(name)
    exec(textwrap.dedent(source), made.__dict__)
    return made


def made_up():
    return {check.name: check for check in checks_in(module(), "made_up")}


def test_checks_are_the_public_functions_that_return_measurements():
    assert set(made_up()) == {"made_up.share", "made_up.gaps"}


def test_checks_of_another_module_are_not_found_again_where_they_are_imported():
    borrowed = module()
    for function in (borrowed.share, borrowed.gaps):
        function.__module__ = "elsewhere"

    assert checks_in(borrowed, "made_up") == []


def test_signature_declares_evidence_options_and_title():
    share = made_up()["made_up.share"]

    assert share.title == "Share of something."
    assert share.description.endswith("More about it.")
    assert share.evidence == ("confusion_matrix", "training_row_digests")
    assert list(share.options) == ["strength", "repeats", "tail", "columns", "log"]
    assert (share.options["strength"].default, share.options["repeats"].required) == (0.1, True)


def test_confidence_and_seed_are_no_options_of_a_checklist():
    assert not {"confidence", "seed"} & set(made_up()["made_up.share"].options)


def test_check_compares_groups_when_it_asks_for_evidence_by_group():
    assert [check.compares for check in made_up().values()] == [False, True]


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ({"repeats": 3}, {"repeats": 3}),
        ({"repeats": 3, "strength": 1}, {"repeats": 3, "strength": 1.0}),
        ({"repeats": 3, "tail": "lower", "log": True}, {"repeats": 3, "tail": "lower", "log": True}),
        ({"repeats": 3, "columns": ["a", "b"]}, {"repeats": 3, "columns": ("a", "b")}),
    ],
)
def test_settings_are_taken_when_they_fit_the_annotation(given, settled):
    assert made_up()["made_up.share"].settings(given, where="a.yaml:1:1") == settled


@pytest.mark.parametrize(
    "given",
    [
        {"repeats": 3.5},
        {"repeats": "3"},
        {"repeats": True},
        {"repeats": None},
        {"repeats": 3, "strength": "0.1"},
        {"repeats": 3, "strength": True},
        {"repeats": 3, "strength": float("nan")},
        {"repeats": 3, "strength": float("inf")},
        {"repeats": 3, "tail": "uper"},
        {"repeats": 3, "log": 1},
        {"repeats": 3, "columns": "a"},
        {"repeats": 3, "columns": [1]},
    ],
)
def test_setting_is_refused_when_it_does_not_fit_the_annotation(given):
    with pytest.raises(ChecklistError, match=r"^a\.yaml:1:1: option") as refused:
        made_up()["made_up.share"].settings(given, where="a.yaml:1:1")

    assert refused.value.code == "option_wrong"


def test_settings_name_what_a_literal_takes():
    with pytest.raises(ChecklistError, match=r"takes 'upper' \| 'lower', not 'uper'"):
        made_up()["made_up.share"].settings({"repeats": 1, "tail": "uper"}, where="a.yaml:1:1")


@pytest.mark.parametrize("name", ["strenght", "seed", "confidence"])
def test_unknown_option_is_refused_with_the_nearest(name):
    with pytest.raises(ChecklistError, match="nearest is") as refused:
        made_up()["made_up.share"].settings({name: 1, "repeats": 2}, where="a.yaml:1:1")

    assert refused.value.code == "option_unknown"
    assert refused.value.values["near"] in made_up()["made_up.share"].options


def test_option_is_refused_when_the_check_takes_none():
    with pytest.raises(ChecklistError) as refused:
        made_up()["made_up.gaps"].settings({"strength": 1}, where="a.yaml:1:1")

    assert refused.value.code == "option_none"


def test_option_is_missed_when_it_has_no_default():
    with pytest.raises(ChecklistError) as refused:
        made_up()["made_up.share"].settings({}, where="a.yaml:1:1")

    assert (refused.value.code, refused.value.values["option"]) == ("option_missing", "repeats")


def test_unknown_check_is_refused_with_the_nearest():
    with pytest.raises(ChecklistError, match=r"nearest is 'performance\.accuracy'") as refused:
        check_named("performance.acuracy", where="a.yaml:1:1")

    assert refused.value.code == "check_unknown"


def test_catalogue_names_every_check_by_family_and_function():
    assert list(checks()) == sorted(checks())
    for name, check in checks().items():
        family = check.function.__module__.removeprefix("reliability.checks.").partition(".")[0]
        assert name == f"{family}.{check.function.__name__}"
        assert check.title, name
        assert check.evidence, name


def test_families_may_be_modules_or_packages():
    modules = {name: check.function.__module__ for name, check in checks().items()}

    assert modules["leakage.training_overlap"] == "reliability.checks.leakage"
    assert modules["performance.accuracy"].startswith("reliability.checks.performance.")


def test_catalogue_imports_neither_scipy_stats_nor_scikit_learn():
    code = (
        "import sys, reliability.checklist.catalogue as c; c.checks(); "
        "print([m for m in sys.modules if m in {'scipy.stats','sklearn'}])"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(("names", "expected"), [(["abc", "xyz"], "abc"), ([], "")])
def test_nearest_is_the_one_spelt_most_like_it(names, expected):
    assert nearest("abd", names) == expected


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**30])
def test_whole_numbers_that_a_record_cannot_hold_are_refused_where_they_stand(value):
    with pytest.raises(ChecklistError) as caught:
        check_named("robustness.repeatability", where="w").settings({"sample_size": value}, where="c.yaml:3")

    assert caught.value.code == "checklist_number_too_large"
    assert str(caught.value).startswith(f"c.yaml:3: {value} is too large; whole numbers go from -9,007,199,254,740,991")


def test_whole_numbers_are_looked_for_in_lists_as_well():
    share = made_up()["made_up.share"]

    with pytest.raises(ChecklistError, match=r"w: 9007199254740992 is too large"):
        share.settings({"repeats": 1, "columns": ["a", 2**53]}, where="w")


@pytest.mark.parametrize("value", [2**53 - 1, 1, 30])
def test_an_option_is_taken_up_to_the_largest_whole_number(value):
    check = check_named("robustness.repeatability", where="w")

    assert check.settings({"sample_size": value}, where="w") == {"sample_size": value}


SMALLEST = [
    ("calibration.expected_calibration_error", "bins"),
    ("data_quality.group_missing_gap", "minimum_group_size"),
    ("fairness.false_positive_rate_difference", "minimum_group_size"),
    ("fairness.selection_rate_difference", "minimum_group_size"),
    ("fairness.selection_rate_ratio", "minimum_group_size"),
    ("fairness.true_positive_rate_difference", "minimum_group_size"),
    ("leakage.single_feature_auc", "sample_size"),
    ("robustness.repeatability", "sample_size"),
]


@pytest.mark.parametrize("value", [0, -1, 1 - 2**53])
@pytest.mark.parametrize(("name", "option"), SMALLEST)
def test_an_option_that_counts_rows_is_refused_below_one_when_it_is_read(name, option, value):
    with pytest.raises(ChecklistError) as caught:
        check_named(name, where="w").settings({option: value}, where="c.yaml:3")

    assert caught.value.code == "option_below"
    assert str(caught.value) == f"c.yaml:3: option {option!r} of {name} must be at least 1, not {value}"


@pytest.mark.parametrize(("name", "option"), SMALLEST)
def test_an_option_that_counts_rows_is_shown_as_a_whole_number_and_takes_no_other(name, option):
    check = check_named(name, where="w")

    assert check.options[option].takes == "int"
    for value in (1.0, True, "1", None, [1]):
        with pytest.raises(ChecklistError, match=f"option '{option}' of {name} takes int, not"):
            check.settings({option: value}, where="w")
