"""Every check has a scale, and it is what the check's own docstring says under Returns."""

import math
import re

import pytest

from reliability.checklist.catalogue import checks
from reliability.checklist.scales import SCALES, Scale

NUMBER = r"(-?\d+(?:\.\d+)?)"
SECTION = re.compile(r"\nReturns\n-+\n(?:tuple of )?Measurement\n(.*?)(?=\n\n\w+\n---|\Z)", re.S)
RETURNS = {name: " ".join(SECTION.search(one.description).group(1).split()) for name, one in checks().items()}
# Where a value of the target's unit may come out as well, the range that is told is that of other tasks.
OTHER_TASK = re.compile(r"mean squared errors|in the target's unit")
# The first of these that a docstring holds says which way is better.
BETTER = [
    (
        r"Below 1 .* above 1|Above 0 .* below 0|above 0 the evaluation data|or of mean absolute error",
        "either",
    ),
    (r"more is better|above 0 the (model is better|attributions name)", "more"),
    (r"no segment is worse than the whole|near 1 (everything|a feature)|0 for a file in order", "less"),
    (r"(?<![\d.])(0|0\.5|0\.5 or less|0 or less|0 or below) is best|, which is best|rate itself is best", "less"),
    (r"(1|1 / classes) is best", "more"),
]


def ends_told(text: str) -> tuple[float, float]:
    """Least and greatest value, infinite where a docstring names none."""
    if OTHER_TASK.search(text) or re.search(r"at most 1 for the first two", text):
        return -math.inf, math.inf
    if both := re.search(rf"[Ii]n [\[(]{NUMBER}, {NUMBER}[\])]", text):
        return float(both[1]), float(both[2])
    low = re.search(rf"(?:at least|from) {NUMBER}", text)
    high = re.search(rf"at most {NUMBER}", text)
    counted = text.startswith("Columns;")
    return (float(low[1]) if low else 0.0 if counted else -math.inf), float(high[1]) if high else math.inf


def compared_told(name: str, text: str) -> str:
    if re.search(r"Exact for the files? as handed in: no interval|which is best, to their number n", text):
        return "files"
    if "No interval: it is a count" in text:
        return "count"
    if text.endswith("Not judged."):
        return "never"
    told = " ".join(checks()[name].description.split())
    return "either" if "`exact`, which reads the value alone" in told else "interval"


def test_every_check_has_a_scale_and_no_other_has():
    assert set(SCALES) == set(checks())


@pytest.mark.parametrize("name", sorted(SCALES))
def test_ends_of_a_scale_are_those_of_the_docstring(name):
    assert (SCALES[name].low, SCALES[name].high) == ends_told(RETURNS[name])


@pytest.mark.parametrize("name", sorted(SCALES))
def test_better_way_of_a_scale_is_that_of_the_docstring(name):
    told = next(better for pattern, better in BETTER if re.search(pattern, RETURNS[name]))

    assert SCALES[name].better == told


@pytest.mark.parametrize("name", sorted(SCALES))
def test_what_rules_compare_is_what_the_docstring_says(name):
    assert SCALES[name].compared == compared_told(name, RETURNS[name])


@pytest.mark.parametrize("name", sorted(SCALES))
def test_units_of_a_scale_are_those_of_the_docstring(name):
    scale, text = SCALES[name], RETURNS[name]

    assert (scale.unit == "ratio") == (text.startswith("Ratio") and scale.high == 1)
    assert scale.unit != "points" or re.search(r"[Dd]ifference|Total variation distance", text)


def test_only_an_option_with_a_default_may_be_the_one_to_be_judged_with():
    bound = {name: scale.only_with for name, scale in SCALES.items() if scale.only_with}

    assert bound == {"calibration.expected_calibration_error": ("power", 1)}
    for name, (option, setting) in bound.items():
        assert checks()[name].options[option].default == setting


@pytest.mark.parametrize(("settings", "judged"), [({}, True), ({"power": 1}, True), ({"power": 2}, False)])
def test_a_scale_judges_with_the_setting_that_has_an_interval(settings, judged):
    assert Scale(only_with=("power", 1)).judges(settings) is judged
