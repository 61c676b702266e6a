"""One reading of the labels, scores and groups, and what they settle."""
# ruff: noqa: E501  (a row of a table reads better whole)

from types import SimpleNamespace

import numpy as np
import pytest

from reliability.blocks import BLOCK_ROWS, Groups
from reliability.submission.scan import MAX_CLASSES, MAX_GROUPS, Seen, _met, _off_sum
from tests.builders import column

BARE = [("  score: y_score\n  id: id\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[]")]
MANY = [("task: binary", "task: multiclass"), *BARE]
MODEL = [
    ("task:", "model: {format: skops, path: m.skops, classes: [1, 0]}\ntask:"),
    ("  prediction: y_pred\n  score: y_score\n", ""),
]


def labelled(target, prediction=None):
    pairs = zip(target, prediction or target, strict=True)
    return "x,approved,y_pred\n" + "".join(f"0.5,{y},{p}\n" for y, p in pairs)


def test_labels_seen_keep_first_spelling_and_row():
    seen = Seen(column="y")
    seen.add(column(["b", None, "a"]), 0)
    seen.add(column(["a", "c"]), 3)

    assert seen.labels == {"b": ("b", 1), "a": ("a", 3), "c": ("c", 5)}
    assert seen.ambiguous is None


@pytest.mark.parametrize(
    ("values", "ambiguous"),
    [
        (["1", "1.0"], ("1", "1.0", 2)),
        (["x", "true", "1"], ("true", "1", 3)),
        (["Y", "y"], None),
        (["a", " a"], ("a", " a", 2)),
        ([1, 0], None),
    ],
)
def test_two_spellings_of_one_label_are_noticed(values, ambiguous):
    seen = Seen(column="y")
    seen.add(column(values), 0)

    # Values of a block come in the order of their spelling: which of the two is first may differ.
    assert (seen.ambiguous is None) == (ambiguous is None)
    assert ambiguous is None or set(seen.ambiguous[:2]) == set(ambiguous[:2])


@pytest.mark.parametrize(
    ("target", "favourable", "classes", "index"),
    [
        ("1 0", "1", (0, 1), 1),
        ("1 0", "0", (0, 1), 0),
        ("승인 거절", "승인", ("거절", "승인"), 1),
        ("Y N", "N", ("N", "Y"), 0),
        ("true false", "true", (False, True), 1),
        ("1.0 2.0", "2", (1.0, 2.0), 1),
        ("10 9", "9", (9, 10), 0),
        ("-1 1", "-1", (-1, 1), 0),
        ("a 1", "1", ("1", "a"), 0),
    ],
)
def test_classes_are_ordered_and_the_favourable_one_found(read, target, favourable, classes, index):
    roles = read(*BARE, ("favourable: 1", f"favourable: {favourable}"), rows=labelled(target.split())).roles

    assert (roles.classes, roles.favourable, roles.positive) == (classes, (index,), index)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_roles_do_not_depend_on_the_order_of_rows(read, order):
    target, prediction = ["승인", "거절", "승인", "거절"], ["거절", "거절", "승인", "승인"]
    rows = labelled([target[row] for row in order], [prediction[row] for row in order])

    assert read(*BARE, ("favourable: 1", "favourable: 승인"), rows=rows).roles.classes == ("거절", "승인")


@pytest.mark.parametrize(
    ("written", "favourable", "positive"),
    [
        ("favourable: a", (0,), 0),
        ("favourable: [b, a]", (0, 1), None),
        ("favourable: [b, a]\n  positive: c", (0, 1), 2),
        ("positive: b", (), 1),
        ("origin: witnessed", (), None),
    ],
)
def test_multiclass_settles_favourable_and_positive(read, written, favourable, positive):
    roles = read(*MANY, ("favourable: 1", written), rows=labelled("cab", "abc")).roles

    assert (roles.classes, roles.favourable, roles.positive) == (("a", "b", "c"), favourable, positive)


def test_a_class_that_only_the_predictions_know_is_a_class(read):
    assert read(*MANY, ("favourable: 1", "favourable: a"), rows=labelled("aab", "abc")).roles.classes == ("a", "b", "c")


def test_declared_classes_keep_their_order_and_may_be_absent_from_the_rows(read):
    submission = read(
        ("task: binary", "model: {format: skops, path: m.skops, classes: [c, a, b]}\ntask: multiclass"),
        ("  prediction: y_pred\n  score: y_score\n  id: id\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[]"),
        ("favourable: 1", "favourable: a"), rows=labelled("aab"), m__skops="x",
    )  # fmt: skip

    assert (submission.roles.classes, submission.roles.favourable) == (("c", "a", "b"), (1,))


@pytest.mark.parametrize(
    ("changes", "rows", "code", "line"),
    [
        (BARE, labelled("11"), "one_class", "data.csv: column 'approved' holds only 1; evaluation data needs rows of both outcomes"),
        (BARE, labelled("1"), "one_class", "data.csv: column 'approved' holds only 1"),
        (MANY, labelled("11"), "one_class", "data.csv: column 'approved' holds only 1"),
        (BARE, labelled("102"), "class_unknown", "data.csv: data row 3: column 'approved' holds 2, which is none of the classes 0, 1; mend the file, or the task"),
        (BARE, labelled("10", "13"), "class_unknown", "data.csv: data row 2: column 'y_pred' holds 3, which is none of the classes 0, 1"),
        (BARE, labelled(["1", "", "0"]), "label_missing", "data.csv: data row 2: column 'approved' (data.target) is missing, in 1 of 3 data rows"),
        (BARE, labelled("10", ["", "1"]), "label_missing", "data.csv: data row 1: column 'y_pred' (data.prediction) is missing, in 1 of 2 data rows"),
        ([*BARE, ("favourable: 1", "favourable: 2")], labelled("10"), "class_never_occurs", "submission.yaml:8: data.favourable: 2 never occurs in 'approved'; the values there are 0 / 1"),
        ([*BARE, ("favourable: 1", "favourable: 승인")], labelled(["거절", "통과"]), "class_never_occurs", "submission.yaml:8: data.favourable: '승인' never occurs in 'approved'; the values there are '거절' / '통과'"),
        ([*BARE, ("favourable: 1", "favourable: 1\n  positive: 2")], labelled("10"), "class_never_occurs", "submission.yaml:9: data.positive: 2 never occurs in 'approved'"),
        ([*BARE, ("favourable: 1", "favourable: [0, 1]")], labelled("10"), "all_favourable", "submission.yaml:8: data.favourable names every class; leave out the outcome"),
        ([*BARE, ("favourable: 1", f"favourable: {10**399}")], labelled("10"), "class_never_occurs", "submission.yaml:8: data.favourable: 1000"),
        ([("score: y_score", "score: {column: y_score, of: 3}")], None, "class_never_occurs", "submission.yaml:10: data.score: 3 never occurs in 'approved'"),
        ([*BARE, ("favourable: 1", "favourable: x")], labelled(["x", "1", "1.0"]), "label_ambiguous", "data.csv: data row 3: column 'approved' holds '1.0' beside '1', which mean the same; write one of them throughout"),
    ],
)  # fmt: skip
def test_labels_are_refused_in_one_line_when(refused, changes, rows, code, line):
    met, said = refused(*changes, **({} if rows is None else {"rows": rows}))

    assert met == code
    assert said.startswith(line)


def test_a_binary_model_of_three_classes_is_refused(refused):
    code, said = refused(*MODEL, ("classes: [1, 0]", "classes: [1, 0, 2]"), m__skops="x")

    assert code == "value_invalid"
    assert said == "submission.yaml:4: model.classes is [1, 0, 2]: a binary task has two classes"


def test_a_label_that_the_models_classes_lack_is_refused(refused):
    code, said = refused(*MODEL, ("classes: [1, 0]", "classes: [1, 2]"), m__skops="x")

    assert code == "class_unknown"
    assert "row 2: column 'approved' holds 0, which is none of the classes 1, 2" in said


@pytest.mark.parametrize(("n", "fits"), [(MAX_CLASSES, True), (MAX_CLASSES + 1, False)])
def test_more_than_a_hundred_numbers_as_classes_look_like_regression(read, refused, n, fits):
    kept = {"rows": labelled([str(place + 500) for place in range(n)])}
    changes = [*MANY, ("favourable: 1", "favourable: 500")]
    if fits:
        assert len(read(*changes, **kept).roles.classes) == n
        return
    code, said = refused(*changes, **kept)

    assert code == "too_many_classes"
    assert said == "data.csv: column 'approved' holds more than 100 values; is the task regression?"


def test_more_than_a_hundred_classes_with_names_are_not_taken_for_quantities(refused):
    rows = labelled([f"c{place:03d}" for place in range(MAX_CLASSES + 1)])
    code, said = refused(*MANY, ("favourable: 1", "favourable: c000"), rows=rows)

    assert code == "too_many_named_classes"
    assert "holds more than 100 classes; put rare ones together" in said


@pytest.mark.parametrize("value", ["0", "1", "0.0", "1.0", "1e-300", " 0.5"])
def test_every_probability_is_a_score(read, value):
    rows = f"id,sex,age,income,approved,y_pred,y_score\na,F,1,2,1,1,{value}\nb,M,1,2,0,1,0.5\n"
    (block,) = read(rows=rows).evaluation.blocks()

    assert block.y_score[0] == float(value)


@pytest.mark.parametrize("value", ["1.0000001", "-1e-9", "2", "100", "-1"])
def test_a_number_outside_zero_to_one_is_no_score(refused, value):
    rows = f"id,sex,age,income,approved,y_pred,y_score\na,F,1,2,1,1,0.5\nb,M,1,2,0,1,{value}\n"
    code, said = refused(rows=rows)

    assert code == "score_outside"
    assert said.startswith(f"data.csv: data row 2: score 'y_score' is {float(value)}")
    assert said.endswith("no probability in [0, 1]; hand in probabilities")


THREE = [("task: binary", "task: multiclass"), ("favourable: 1", "favourable: a"), *BARE[1:], ("  id: id\n", "")]
SCORES = ("score: y_score", "score: {columns: {c: p3, a: p1, b: p2}}")


def scored(*rows):
    return "approved,y_pred,p1,p2,p3\nc,a,.1,.2,.7\na,b,.6,.3,.1\n" + "".join(f"b,b,{row}\n" for row in rows)


@pytest.mark.parametrize(
    ("row", "total"),
    [(".80,.79,.79", "2.38"), ("1,1,1", "3"), ("0,0,0", "0"), (".333,.333,.333", "0.999"), (".5,.3,.1998", "0.9998")],
)
def test_scores_of_the_classes_that_do_not_add_up_to_1_are_refused(refused, row, total):
    code, said = refused(*THREE, SCORES, rows=scored(".2,.5,.3", row))

    assert code == "score_sum"
    assert said.startswith("data.csv: data row 4: the probabilities of the classes (data.score.columns) add up to ")
    assert f" {total}, not to 1; hand in" in said


@pytest.mark.parametrize("row", [".3333,.3333,.3333", ".3334,.3334,.3333", "1,0,0", "0.33333334,0.33333334,0.33333334"])
def test_scores_of_the_classes_may_be_rounded_to_four_decimals_or_float32(read, row):
    assert read(*THREE, SCORES, rows=scored(row)).roles.has_scores


def test_sums_of_softmax_in_float32_over_100_classes_are_near_enough():
    drawn = np.random.default_rng(0).standard_normal((2_000, MAX_CLASSES)).astype(np.float32) * 5
    powers = np.exp(drawn)
    shares = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float64)
    named = [(label, str(label)) for label in range(MAX_CLASSES)]
    parts = SimpleNamespace(scores=named)
    columns = {name: SimpleNamespace(values=shares[:, label]) for label, name in named}

    assert _off_sum(parts, columns, 0) is None


def test_the_row_whose_scores_do_not_add_up_is_named_beyond_the_first_block(refused):
    rows = scored(*[".2,.5,.3"] * BLOCK_ROWS, ".2,.5,.2")

    assert "data row 65,539: " in refused(*THREE, SCORES, rows=rows)[1]


@pytest.mark.parametrize(("kind", "value"), [("booleans", "true"), ("words", "high")])
def test_scores_that_are_no_numbers_are_refused(refused, kind, value):
    rows = f"id,sex,age,income,approved,y_pred,y_score\na,F,1,2,1,1,{value}\nb,M,1,2,0,1,{value}\n"

    assert refused(rows=rows)[0] == "score_outside"


@pytest.mark.parametrize(
    ("levels", "fits"),
    [([MAX_GROUPS], True), ([MAX_GROUPS + 1], False), ([30, 30], True), ([32, 31], False), ([9, 9, 9], True), ([20, 20, 20], False)],
)  # fmt: skip
def test_groups_are_counted_over_attributes_and_pairs(read, refused, levels, fits):
    n = 1_100 if len(levels) < 3 else 8_000
    codes = np.unravel_index(np.arange(n) % int(np.prod(levels)), levels)
    names = "abc"[: len(levels)]
    rows = ",".join([*names, "approved", "y_pred"]) + "\n"
    rows += "".join(
        ",".join(f"g{code}" for code in row) + f",{place % 2},1\n" for place, row in enumerate(zip(*codes, strict=True))
    )
    changes = [BARE[0], ("[sex, {column: age, bands: [0, 30, 65]}]", f"[{', '.join(names)}]")]
    if fits:
        assert read(*changes, rows=rows).roles.sensitive == tuple(names)
        return
    code, said = refused(*changes, rows=rows)

    assert code == "too_many_groups"
    assert "the limit is 1,000: declare bands, as in {column: a, bands: [0, 30, 50]}" in said


def test_segments_count_but_make_no_pairs(read):
    n = 1_000
    rows = "a,b,approved,y_pred\n" + "".join(f"g{row % 400},h{row % 401},{row % 2},1\n" for row in range(n))

    roles = read(BARE[0], BARE[1], ("  favourable: 1", "  favourable: 1\n  segments: [a, b]"), rows=rows).roles

    assert roles.segments == ("a", "b")


@pytest.mark.parametrize(("levels", "fits"), [([1_000], True), ([1_001], False), ([30, 30], True), ([32, 31], False)])
def test_strata_count_and_so_do_their_combinations(read, refused, levels, fits):
    codes = np.unravel_index(np.arange(1_100) % int(np.prod(levels)), levels)
    names = "ab"[: len(levels)]
    rows = ",".join([*names, "approved", "y_pred"]) + "\n"
    rows += "".join(",".join(map(str, row)) + f",{place % 2},1\n" for place, row in enumerate(zip(*codes, strict=True)))
    changes = [BARE[0], BARE[1], ("  favourable: 1", f"  favourable: 1\n  strata: [{', '.join(names)}]")]
    if fits:
        assert read(*changes, rows=rows).roles.strata == tuple(names)
        return
    assert refused(*changes, rows=rows)[0] == "too_many_groups"


def test_a_quantity_of_many_values_is_a_stratum_by_bands(read):
    rows = "x,approved,y_pred\n" + "".join(f"{row / 7},{row % 2},1\n" for row in range(1_500))
    strata = "strata: [{column: x, bands: [0, 50, 100]}]"
    (block,) = read(*BARE, ("  favourable: 1", f"  favourable: 1\n  {strata}"), rows=rows).evaluation.blocks()

    assert block.groups["x"].levels == ("0-50", "50-100", "100-")
    assert (block.roles.strata, block.roles.features) == (("x",), ("x",))


def decided(labels, target="1 0 1 0"):
    rows = zip(target.split(), labels.split(","), strict=True)
    return "x,approved,y_pred,old\n" + "".join(f"0.5,{y},{y},{old}\n" for y, old in rows)


OLD = ("  favourable: 1", "  favourable: 1\n  incumbent: {prediction: old}")


@pytest.mark.parametrize("labels", ["1,0,0,1", "1.0,0.0,0.0,1.0", "true,false,false,true"])
def test_the_incumbents_labels_are_classes_however_they_are_spelt(read, labels):
    submission = read(*BARE, OLD, rows=decided(labels))
    (block,) = submission.evaluation.blocks(features=False)

    assert block.y_incumbent.tolist() == [1, 0, 0, 1]
    assert (submission.roles.incumbent, submission.roles.features) == (True, ("x",))
    assert {one["name"]: one["role"] for one in submission.evaluation.columns}["old"] == "incumbent"


def test_the_incumbents_values_are_numbers_when_the_task_is_regression(read):
    lower = ("favourable: 1", "favourable: lower\n  incumbent: {prediction: old}")
    (block,) = read(("task: binary", "task: regression"), *BARE, lower, rows=decided("1,2.5,3,4")).evaluation.blocks()

    assert block.y_incumbent.tolist() == [1.0, 2.5, 3.0, 4.0]


@pytest.mark.parametrize(
    ("labels", "code", "line"),
    [
        ("1,0,2,0", "class_unknown", "data.csv: data row 3: column 'old' holds 2, which is none of the classes 0, 1"),
        (
            "1,0,,0",
            "label_missing",
            "data.csv: data row 3: column 'old' (data.incumbent) is missing, in 1 of 4 data rows",
        ),
        (",,,", "column_all_missing", "data.csv: column 'old' (data.incumbent) is missing in all 4 data rows"),
        (
            "1,0,true,0",
            "label_ambiguous",
            "data.csv: data row 3: column 'old' holds 'true' beside '1', which mean the same",
        ),
    ],
)
def test_an_incumbent_is_refused_in_one_line_when(refused, labels, code, line):
    met, said = refused(*BARE, OLD, rows=decided(labels))

    assert met == code
    assert said.startswith(line)


def test_the_incumbent_makes_no_class_of_its_own(refused):
    code, said = refused(*MANY, OLD, rows=decided("1,0,2,3", target="1 0 2 0"))

    assert code == "class_unknown"
    assert "column 'old' holds 3, which is none of the classes 0, 1, 2" in said


def test_words_of_an_incumbent_are_refused_when_the_task_is_regression(refused):
    lower = ("favourable: 1", "favourable: lower\n  incumbent: {prediction: old}")

    assert (
        refused(("task: binary", "task: regression"), *BARE, lower, rows=decided("a,b,a,b"))[0] == "regression_on_text"
    )


def test_a_value_below_the_first_band_is_refused_with_its_row_in_a_later_block(refused):
    n = BLOCK_ROWS + 5
    rows = "age,approved,y_pred\n" + "".join(f"{30 if row < n - 1 else 3},{row % 2},1\n" for row in range(n))
    code, said = refused(
        BARE[0], ("[sex, {column: age, bands: [0, 30, 65]}]", "[{column: age, bands: [18]}]"), rows=rows
    )

    assert code == "below_first_band"
    assert (
        said == f"data.csv: data row {n:,}: column 'age' holds 3, below the first band's edge 18; begin its bands lower"
    )


def test_an_entity_that_is_missing_is_refused(refused):
    code, said = refused(("  id: id", "  entity: income"))

    assert (code, said[:57]) == ("label_missing", "data.csv: data row 4: column 'income' (data.entity) is mi")


@pytest.mark.parametrize(
    ("entry", "values", "expected"),
    [
        ("{values: [1, 2]}", "1 2", (1, 2)),
        ("{values: ['1', 2.0]}", "1 2", (1, 2)),
        ("{values: [1, 2]}", "x 2", ("1", "2")),
        ("{values: [true, x]}", "x true", ("true", "x")),
        ("{values: [1, 0]}", "true false", (True, False)),
        ("{values: ['true']}", "true false", (True,)),
        ("{values: [0.5]}", "0.5 1", (0.5,)),
    ],
)
def test_allowed_values_speak_in_the_kind_of_their_column(read, entry, values, expected):
    first, second = values.split()
    rows = f"x,approved,y_pred\n{first},1,1\n{second},0,0\n"
    met = (
        read(*BARE, ("  favourable: 1", f"  schema: {{x: {entry}}}\n  favourable: 1"), rows=rows)
        .roles.rules["x"]
        .values
    )

    assert met == expected
    assert [type(value) for value in met] == [type(value) for value in expected]


def test_entries_that_limit_nothing_make_no_rule(read):
    assert read(("  id: id", "  schema: {age: {type: number}, sex: {missing: ['?']}}")).roles.rules == {}


@pytest.mark.parametrize("which", ["target", "prediction"])
def test_regression_speaks_of_numbers_only(refused, which):
    good, bad = "1.5 2.5".split(), "low high".split()
    target, prediction = (bad, good) if which == "target" else (good, bad)
    changes = [("task: binary", "task: regression"), ("favourable: 1", "favourable: lower"), *BARE]
    code, said = refused(*changes, rows=labelled(target, prediction))

    assert code == "regression_on_text"
    assert f"column '{'approved' if which == 'target' else 'y_pred'}' holds no numbers, as regression needs" in said


QUANTITY = [("task: binary", "task: regression"), ("favourable: 1", "favourable: lower"), *BARE]


@pytest.mark.parametrize("first", ["9000000000000000001", "0123"])
def test_regression_says_that_numbers_are_read_as_codes(refused, first):
    code, said = refused(*QUANTITY, rows=labelled([first, "2"], ["1", "2"]))

    assert code == "regression_on_codes"
    assert "declare data.schema.approved {type: number}" in said


def test_numbers_that_look_like_codes_are_quantities_where_that_is_declared(read):
    declared = ("data:\n", "data:\n  schema: {approved: {type: number}}\n")
    submission = read(*QUANTITY, declared, rows=labelled(["9000000000000000001", "2"], ["1", "2"]))

    assert submission.roles.task == "regression"


def test_words_among_codes_are_no_numbers(refused):
    assert refused(*QUANTITY, rows=labelled(["0123", "low"], ["1", "2"]))[0] == "regression_on_text"


ROWS = "id,sex,age,income,approved,y_pred,y_score\na,F,23,1.5,1,1,0.9\nb,M,37,2.5,0,0,0.2\n"
TRUTHS = ROWS.replace("1.5", "true").replace("2.5", "false")
RULED = "  id: id\n  schema:\n    y_pred: {minimum: 0}\n    "


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("sex: {minimum: 3}", "data.schema.sex: minimum is 3, but the column holds text; leave it out, or declare the type"),
        ("sex: {values: [F, M], maximum: 3}", "data.schema.sex: maximum is 3, but the column holds text"),
        ("age: {values: [a, b]}", "data.schema.age: values.0 is 'a', but the column holds integer"),
        ("age: {values: [23, many]}", "data.schema.age: values.1 is 'many', but the column holds integer"),
        ("y_score: {values: [0.9, '']}", "data.schema.y_score: values.1 is '', but the column holds number"),
        ("income: {type: text, minimum: 3}", "data.schema.income: minimum is 3, but the column holds text"),
        ("income: {type: boolean, maximum: 1}", "data.schema.income: maximum is 1, but the column holds boolean"),
        ("income: {type: boolean, values: [true, 2]}", "data.schema.income: values.1 is 2, but the column holds boolean"),
        ("income: {type: boolean, values: [maybe]}", "data.schema.income: values.0 is 'maybe', but the column holds boolean"),
    ],
)  # fmt: skip
def test_a_rule_of_another_kind_than_its_column_is_refused_on_its_line(refused, rule, line):
    code, said = refused(("  id: id\n", RULED + rule + "\n"), rows=TRUTHS if "boolean" in rule else ROWS)

    assert code == "rule_unfit"
    assert said.startswith(f"submission.yaml:14: {line}")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("age: {values: ['23', 37]}", (23, 37)),
        ("sex: {values: [F, 1]}", ("F", "1")),
        ("income: {type: boolean, values: ['true', 0]}", (True, False)),
    ],
)
def test_a_value_that_means_one_of_the_columns_kind_is_taken_as_that(read, rule, expected):
    submission = read(("  id: id\n", RULED + rule + "\n"), rows=TRUTHS if "boolean" in rule else ROWS)

    assert submission.roles.rules[rule.split(":")[0]].values == expected


@pytest.mark.parametrize("rule", ["{minimum: 0}", "{values: [a]}", "{values: [1]}"])
def test_a_rule_stands_when_its_column_is_empty_and_so_of_no_kind(read, rule):
    rows = "id,sex,age,income,approved,y_pred,y_score\na,F,23,,1,1,0.9\nb,M,37,,0,0,0.2\n"

    assert "income" in read(("  id: id", f"  schema: {{income: {rule}}}"), rows=rows).roles.rules


@pytest.mark.parametrize("features", ["", "  features: {include: [income]}\n", "  features: {exclude: [income, id]}\n"])
def test_roles_know_every_column_of_the_file_whatever_part_it_plays(read, features):
    roles = read(("  id: id\n", f"  id: id\n{features}")).roles

    assert roles.all_columns == ("id", "sex", "age", "income", "approved", "y_pred", "y_score")


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ([0, 1, 0, 1], [0, 0, 1, 1], {(0, 0), (0, 1), (1, 0), (1, 1)}),
        ([0, 1, 0, 1], [0, 1, 0, 1], {(0, 0), (1, 1)}),
        ([0, -1, 1, -1], [1, 0, -1, -1], {(0, 1)}),
        ([-1, -1, -1, -1], [0, 1, 0, 1], set()),
    ],
)
def test_levels_that_are_met_together_leave_out_unknown_groups(first, second, together):
    groups = [Groups(codes=np.array(codes, np.int32), levels=("a", "b")) for codes in (first, second)]

    assert set(zip(*_met(*groups), strict=True)) == together
