"""Which part every column plays; bands, features, and the columns that cannot play theirs."""
# ruff: noqa: E501  (a row of a table reads better whole)

import pytest

from reliability.submission.arrays import Misfit
from reliability.submission.parts import Attribute, Parts
from tests.builders import column

PLAIN = ("[sex, {column: age, bands: [0, 30, 65]}]", "[]")


def grouped(attribute, values):
    groups = attribute.groups(column(values))
    return [None if code < 0 else groups.levels[code] for code in groups.codes]


@pytest.mark.parametrize(
    ("edges", "labels"),
    [
        ((0, 30, 50, 65), ("0-30", "30-50", "50-65", "65-")),
        ((0,), ("0-",)),
        ((0.5, 1.5), ("0.5-1.5", "1.5-")),
        ((0.0, 30.0), ("0-30", "30-")),
        ((-10, 0), ("-10-0", "0-")),
        ((1_000_000,), ("1000000-",)),
    ],
)
def test_bands_are_labelled_by_their_edges(edges, labels):
    assert Attribute(name="age", edges=edges).labels() == labels


@pytest.mark.parametrize(
    ("value", "band"),
    [(0, "0-30"), (29, "0-30"), (30, "30-65"), (64, "30-65"), (65, "65-"), (10**6, "65-"), (29.999, "0-30"), (30.0, "30-65"), (None, None)],
)  # fmt: skip
def test_a_band_holds_its_lower_edge_and_not_its_upper(value, band):
    assert grouped(Attribute(name="age", edges=(0, 30, 65)), [value, 1]) == [band, "0-30"]


@pytest.mark.parametrize(
    ("values", "place", "value"), [([5, -1, -2], 1, -1), ([0.0, -0.5], 1, -0.5), ([None, -3], 1, -3)]
)
def test_a_value_below_the_first_edge_is_named(values, place, value):
    with pytest.raises(Misfit) as caught:
        Attribute(name="age", edges=(0, 30)).groups(column(values))

    assert (caught.value.place, caught.value.value) == (place, value)


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["b", "a", None, "b"], ("b", "a")),
        ([2, 1, None, 2], (1, 2)),
        ([1.5, 0.5], (0.5, 1.5)),
        ([True, False, None], (False, True)),
        ([None, None], ()),
    ],
)
def test_levels_are_the_values_that_occur(values, levels):
    attribute = Attribute(name="x")

    assert attribute.groups(column(values)).levels == levels
    assert grouped(attribute, values) == values


def test_every_band_is_a_level_even_where_nobody_is():
    assert Attribute(name="age", edges=(0, 30, 65)).groups(column([70])).levels == ("0-30", "30-65", "65-")


def test_parts_name_each_column_once():
    sex, branch = Attribute(name="sex"), Attribute(name="branch")
    parts = Parts(
        target="y", prediction="p", scores=((None, "s"),), entity="h", sensitive=(sex,), segments=(branch, sex), features=("x", "branch"), id="i", time="t",
        strata=(Attribute(name="grade"), sex), incumbent="old", periods=Attribute(name="quarter"),
    )  # fmt: skip

    assert parts.used() == ("y", "p", "s", "h", "old", "quarter", "branch", "sex", "grade")
    assert [each.name for each in parts.attributes] == ["quarter", "branch", "sex", "grade"]
    assert {name: parts.role(name) for name in "y p s h i t sex branch x z grade old quarter".split()} == {
        "quarter": "period",
        "y": "target", "p": "prediction", "s": "score", "h": "entity", "i": "id", "t": "time",
        "sex": "sensitive", "branch": "feature", "x": "feature", "z": "unused", "grade": "stratum", "old": "incumbent",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "features"),
    [
        ((), ("income",)),
        (("  id: id\n", ""), ("id", "income")),
        (("  id: id", "  features: {exclude: [income]}"), ("id",)),
        (("  id: id", "  features: {exclude: []}"), ("id", "income")),
        (("  id: id", "  features: {include: [age, id, sex]}"), ("age", "id", "sex")),
        (("  id: id", "  features: {include: [income]}"), ("income",)),
        (("  id: id", "  entity: id"), ("income",)),
        (("  id: id", "  time: id"), ("income",)),
        (("  id: id", "  periods: id"), ("income",)),
        (("  id: id", "  periods: id\n  features: {include: [id]}"), ("id",)),
        (("  id: id", "  segments: [income]"), ("id", "income")),
        (("  id: id", "  strata: [income]"), ("id", "income")),
        (PLAIN, ("sex", "age", "income")),
        (("  score: y_score\n", ""), ("income", "y_score")),
    ],
)
def test_features_are_the_columns_without_another_part(read, change, features):
    assert read(*([change] if change else [])).roles.features == features


@pytest.mark.parametrize(
    "key",
    [
        "time: agee", "periods: agee", "entity: agee", "id: agee", "segments: [sex, agee]", "strata: [agee]", "quasi_identifiers: [sex, agee]",
        "features: {include: [agee]}", "features: {exclude: [agee]}", "incumbent: {prediction: agee}", "monotone: {agee: increasing}",
        "schema: {agee: {minimum: 0}}",
    ],
)  # fmt: skip
def test_a_misspelt_column_is_refused_with_line_and_near_name(refused, key):
    code, said = refused(("  id: id", f"  {key}"))

    assert code == "column_missing"
    assert said.startswith("submission.yaml:11: data.")
    assert said.endswith(": data.csv has no column 'agee'; did you mean age?")


@pytest.mark.parametrize(
    ("change", "first", "second"),
    [
        (("prediction: y_pred", "prediction: approved"), "prediction", "target"),
        (("score: y_score", "score: approved"), "score", "target"),
        (("score: y_score", "score: y_pred"), "score", "prediction"),
        (("  id: id", "  id: approved"), "target", "id"),
        (("  id: id", "  time: y_pred"), "prediction", "time"),
        (("  id: id", "  periods: approved"), "target", "periods"),
        (("  id: id", "  entity: y_score"), "score", "entity"),
        (("[sex,", "[y_pred,"), "prediction", "sensitive"),
        (("  id: id", "  segments: [approved]"), "target", "segments"),
        (("  id: id", "  features: {include: [income, approved]}"), "target", "features"),
        (("  id: id", "  strata: [approved]"), "target", "strata"),
        (("  id: id", "  incumbent: {prediction: approved}"), "incumbent", "target"),
        (("  id: id", "  incumbent: {prediction: y_pred}"), "incumbent", "prediction"),
        (("  id: id", "  strata: [income]\n  incumbent: {prediction: income}"), "incumbent", "strata"),
        (("  id: id", "  features: {include: [income]}\n  incumbent: {prediction: income}"), "incumbent", "features"),
    ],
)
def test_an_outcome_plays_one_part_only(refused, change, first, second):
    code, said = refused(change)

    assert code == "column_two_parts"
    assert f" is data.{first} and data.{second}; give each part its own column" in said


def test_periods_are_groups_of_the_evaluation_data_alone(read):
    submission = read(
        ("  id: id", "  periods: id\n  training: training.csv"),
        training__csv="sex,age,income,approved\nF,1,1.5,1\nM,2,2.5,0\n",
    )
    (block,) = submission.evaluation.blocks()

    assert (submission.roles.periods, block.groups["id"].levels) == ("id", ("a", "b", "c", "d"))
    assert submission.training.roles.periods is None


def test_a_column_that_is_sensitive_and_a_segment_is_banded_once(read):
    submission = read(("  id: id", "  segments: [age]"))
    (block,) = submission.evaluation.blocks()

    assert (submission.roles.sensitive, submission.roles.segments) == (("sex", "age"), ("age",))
    assert block.groups["age"].levels == ("0-30", "30-65", "65-")


@pytest.mark.parametrize(
    ("strata", "segments", "levels"),
    [
        ("[age]", "[]", ("0-30", "30-65", "65-")),
        ("[{column: age, bands: [0, 30, 65]}]", "[]", ("0-30", "30-65", "65-")),
        ("[{column: income, bands: [0, 11]}]", "[income]", ("0-11", "11-")),
    ],
)
def test_a_column_that_is_a_stratum_and_something_else_is_banded_once(read, strata, segments, levels):
    submission = read(("  id: id", f"  strata: {strata}\n  segments: {segments}"))
    (block,) = submission.evaluation.blocks()

    assert block.groups[submission.roles.strata[0]].levels == levels


def test_other_bands_of_a_stratum_than_of_the_sensitive_attribute_are_refused(refused):
    code, said = refused(("  id: id", "  strata: [{column: age, bands: [0, 40]}]"))

    assert code == "bands_differ"
    assert said == (
        "submission.yaml:11: column 'age' has other bands in data.strata than in data.sensitive; declare them once"
    )


def test_bands_of_a_stratum_need_numbers(refused):
    code, said = refused(("  id: id", "  strata: [income, {column: id, bands: [0]}]"))

    assert code == "bands_on_text"
    assert said == "submission.yaml:11: data.strata: column 'id' holds text, bands need numbers; leave bands out"


@pytest.mark.parametrize(("values", "kind"), [(("F", "M"), "text"), (("true", "false"), "booleans")])
def test_bands_need_numbers(refused, values, kind):
    rows = "sex,approved,y_pred\n" + f"{values[0]},1,0\n{values[1]},0,1\n"
    code, said = refused(
        ("  score: y_score\n  id: id\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[{column: sex, bands: [0]}]"), rows=rows
    )  # fmt: skip

    assert code == "bands_on_text"
    assert said == f"submission.yaml:10: data.sensitive: column 'sex' holds {kind}, bands need numbers; leave bands out"


def test_a_broken_name_from_the_header_stays_on_one_line(refused):
    code, said = refused(("target: approved", "target: ab"), rows='"a\nb",x,y_pred\n1,2,3\n')

    assert code == "column_missing"
    assert said.endswith(r"did you mean a\nb?")
