"""Every key of format 1: what it takes, what it refuses, and the line it is refused on."""
# ruff: noqa: E501  (a row of a table reads better whole)

import pytest

from reliability.facts import FACTS
from reliability.submission.manifest import NOT_USED, ColumnEntry, Manifest

HEAD = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사, version: "1", purpose: 승인}
"""
PREDICTED = "{evaluation: d.csv, target: y, favourable: 1, prediction: p}"
MODEL_DATA = "{evaluation: d.csv, target: y, favourable: 1}"
REGRESSION = "{evaluation: d.csv, target: y, prediction: p}"


def manifest_of(*, task="binary", data=PREDICTED, more="", head=HEAD, **keys):
    """A manifest of five lines or more; a key of the data part goes in by name, `more` stands on line 6."""
    inner = data[:-1] + "".join(f", {key.rstrip('_')}: {value}" for key, value in keys.items()) + "}"
    return f"{head}task: {task}\ndata: {inner}\n{more}\n"


def at(manifest, dotted):
    found = manifest
    for key in dotted.split("."):
        found = found[key] if isinstance(found, dict) else getattr(found, key)
    return found


def test_the_least_that_is_required_is_enough(validated):
    manifest = validated(manifest_of())

    assert (manifest.submission, manifest.task, manifest.model, manifest.performance, manifest.answers) == (
        1,
        "binary",
        None,
        None,
        None,
    )
    assert (manifest.data.origin, manifest.data.positive, manifest.facts) == ("applicant_supplied", None, {})
    assert (manifest.data.sensitive, manifest.data.segments, manifest.data.schema_) == ((), (), {})
    assert manifest.not_used() == ()


def test_the_example_of_the_contract_is_accepted(validated):
    manifest = validated(
        """\
submission: 1
organisation: {name: 온고을신용, registration: "402-81-00000", address: 전주시 덕진구, contact: risk@example.kr}
system: {name: 소액대출 심사 모델, version: "2.3.1", purpose: 소액대출 신청의 승인 여부를 제안한다, domain: credit}
facts:
  affects_people: true
  decides_about_people: true
  generative: {is: false, because: 정형 데이터 분류 모델}
task: binary
model: {format: skops, path: model.skops}
data:
  evaluation: evaluation.parquet
  training: training.parquet
  origin: applicant_supplied
  target: approved
  favourable: 1
  positive: 1
  features: {exclude: [memo]}
  sensitive: [sex, {column: age, bands: [0, 30, 50, 65]}]
  threshold: 0.35
  id: applicant_id
  time: applied_at
  entity: household_id
  segments: [branch]
  strata: [income_band]
  quasi_identifiers: [age, sex, zip]
  population: population.csv
  incumbent: {prediction: old_decision}
  monotone: {income: increasing}
  schema: {age: {minimum: 18, maximum: 100}, purpose: {values: [생활, 사업, 주택]}}
performance: {check: performance.roc_auc, at_least: 0.75}
answers: answers.yaml
"""
    )

    assert manifest.organisation.registration == "402-81-00000"
    assert (manifest.data.sensitive[0].bands, manifest.data.sensitive[1].bands) == (None, (0, 30, 50, 65))
    assert manifest.data.schema_["purpose"].values == ("생활", "사업", "주택")
    assert manifest.stated_facts()["rows_share_entities"].is_ is True
    assert manifest.not_used() == ()


@pytest.mark.parametrize(
    ("key", "written", "expected"),
    [
        ("training", "t.parquet", "t.parquet"),
        ("origin", "evaluator_held", "evaluator_held"),
        ("origin", "witnessed", "witnessed"),
        ("origin", "pre_sealed", "pre_sealed"),
        ("positive", "0", 0),
        ("positive", "'1'", "1"),
        ("positive", "true", True),
        ("positive", "1.5", 1.5),
        ("positive", "승인", "승인"),
        ("features.include", "[a, b]", ("a", "b")),
        ("features.exclude", "[]", ()),
        ("score.column", "s", "s"),
        ("score.of", "0", 0),
        ("id", "신청번호", "신청번호"),
        ("id", "null", None),
        ("time", "t", "t"),
        ("entity", "가구", "가구"),
        ("segments", "[지점, b]", ("지점", "b")),
        ("quasi_identifiers", "[a, b]", ("a", "b")),
        ("population", "p.csv", "p.csv"),
        ("incumbent.prediction", "old", "old"),
        ("monotone.소득", "increasing", "increasing"),
        ("monotone.debt", "decreasing", "decreasing"),
        ("schema_.age.minimum", "18", 18),
        ("schema_.age.maximum", "99.5", 99.5),
        ("schema_.age.values", "[1, two, true]", (1, "two", True)),
        ("schema_.age.type", "integer", "integer"),
        ("schema_.age.type", "number", "number"),
        ("schema_.age.type", "text", "text"),
        ("schema_.age.type", "boolean", "boolean"),
        ("schema_.age.missing", "[-1, 무응답]", (-1, "무응답")),
    ],
)
def test_key_of_the_data_is_taken_when_it_fits(validated, key, written, expected):
    first, *inner = key.split(".")
    value = written
    for name in reversed(inner):
        value = f"{{{name}: {value}}}"
    if key == "score.of":
        value = "{column: s, of: 0}"
    met = at(validated(manifest_of(**{first: value})).data, key)

    assert met == expected
    assert type(met) is type(expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("1", (1,)), ("[1, 2]", (1, 2)), ("'1'", ("1",)), ("true", (True,)), ("[a, 1.5]", ("a", 1.5))],
)
def test_favourable_is_one_value_or_a_list(validated, written, expected):
    assert (
        validated(manifest_of(data=PREDICTED.replace("favourable: 1", f"favourable: {written}"))).data.favourable
        == expected
    )


@pytest.mark.parametrize("key", ["sensitive", "strata"])
def test_a_grouping_is_a_column_by_name_or_with_bands(validated, key):
    names, banded = getattr(validated(manifest_of(**{key: "[가, {column: b, bands: [0, 1.5]}]"})).data, key)

    assert (names.column, names.bands) == ("가", None)
    assert (banded.column, banded.bands) == ("b", (0, 1.5))


@pytest.mark.parametrize("direction", ["higher", "lower", None])
def test_regression_takes_a_direction_or_none(validated, direction):
    kept = {"favourable": direction} if direction else {}
    manifest = validated(manifest_of(task="regression", data=REGRESSION, **kept))

    assert manifest.data.favourable == ((direction,) if direction else ())


def test_a_score_by_name_is_of_the_positive_class(validated):
    score = validated(manifest_of(score="s")).data.score

    assert (score.column, score.of, score.columns) == ("s", None, None)


def test_scores_of_many_classes_keep_the_type_of_their_keys(validated):
    manifest = validated(manifest_of(task="multiclass", score="{columns: {0: a, 1: b, 보류: c}}"))

    assert manifest.data.score.columns == {0: "a", 1: "b", "보류": "c"}


@pytest.mark.parametrize(
    ("written", "key", "expected"),
    [
        ("{format: skops, path: m.skops}", "format", "skops"),
        *((f"{{format: {each}, path: m}}", "format", each) for each in "pickle joblib onnx xgboost lightgbm catboost torch".split()),
        ("{format: skops, path: m, classes: [거절, 승인]}", "classes", ("거절", "승인")),
        ("{format: skops, path: m, classes: [1, 0]}", "classes", (1, 0)),
        ("{format: skops, path: m, inputs: [b, a]}", "inputs", ("b", "a")),
        ("{format: lightgbm, path: m, categories: {c: [x, y, 1]}}", "categories", {"c": ("x", "y", 1)}),
        ("{format: python, path: m, function: 'predict:predict'}", "function", "predict:predict"),
        ("{format: python, path: m, function: 'p:f', requirements: m/r.txt}", "requirements", "m/r.txt"),
    ],
)  # fmt: skip
def test_key_of_the_model_is_taken_when_it_fits(validated, written, key, expected):
    manifest = validated(manifest_of(data=MODEL_DATA, more=f"model: {written}"))

    assert getattr(manifest.model, key) == expected
    assert f"model.{key}" not in manifest.not_used()


@pytest.mark.parametrize(
    ("limit", "key", "expected"),
    [
        ("at_least: 0.75", "at_least", 0.75),
        ("at_most: 3", "at_most", 3),
        ("between: [0.5, 1]", "between", (0.5, 1)),
        ("equals: 0", "equals", 0),
        ("at_least: 0, with: {of: 승인}", "with_", {"of": "승인"}),
    ],
)
def test_declared_performance_takes_one_limit(validated, limit, key, expected):
    performance = validated(manifest_of(more=f"performance: {{check: performance.f1, {limit}}}")).performance

    assert (performance.check, getattr(performance, key)) == ("performance.f1", expected)


@pytest.mark.parametrize("name", [name for name, fact in FACTS.items() if fact.origin == "stated"])
def test_every_stated_fact_may_be_true_or_false_with_its_reason(validated, name):
    yes, no = (
        validated(manifest_of(more=f"facts: {{{name}: true}}")),
        validated(manifest_of(more=f"facts: {{{name}: {{is: false, because: 해당 없음}}}}")),
    )

    assert (yes.facts[name].is_, yes.facts[name].because) == (True, None)
    assert (no.facts[name].is_, no.facts[name].because) == (False, "해당 없음")


@pytest.mark.parametrize("name", [name for name, fact in FACTS.items() if fact.origin != "stated"])
def test_no_derived_fact_may_be_stated(validated, refusal, name):
    code, said = refusal(validated, manifest_of(more=f"facts: {{{name}: true}}"))

    assert code == "fact_derived"
    assert said == f"submission.yaml:6: facts.{name} is worked out, never stated; leave it out"


@pytest.mark.parametrize(
    ("key", "written", "code", "line"),
    [
        ("training", "1", "value_not_text", "data.training must be text; put it in quotes, not 1"),
        ("origin", "mine", "value_not_allowed", "data.origin is 'mine'; write one of: evaluator_held, witnessed, pre_sealed, applicant_supplied"),
        ("positive", "[1]", "value_not_plain", "data.positive must be a word, a number, true or false, not [1]"),
        ("features", "income", "value_not_mapping", "data.features must be a mapping, as in {key: value}, not 'income'"),
        ("features", "{}", "include_or_exclude", "data.features takes include or exclude, one of them"),
        ("features", "{include: []}", "value_empty", "data.features.include is empty; fill it in or leave the key out"),
        ("features", "{include: [a, b, a]}", "named_twice", "data.features.include names a twice; name it once"),
        ("features", "{only: [a]}", "key_unknown", "data.features.only is no key here; did you mean include / exclude?"),
        ("sensitive", "sex", "value_not_list", "data.sensitive must be a list, as in [a, b], not 'sex'"),
        ("sensitive", "[1]", "value_not_mapping", "data.sensitive.0 must be a mapping, as in {key: value}, not 1"),
        ("sensitive", "[{colum: a}]", "key_unknown", "data.sensitive.0.colum is no key here; did you mean column?"),
        ("sensitive", "[{column: 1}]", "value_not_text", "data.sensitive.0.column must be text; put it in quotes, not 1"),
        ("sensitive", "[{column: a, bands: []}]", "value_empty", "data.sensitive.0.bands is empty; fill it in"),
        ("sensitive", "[{column: a, bands: [1, 1]}]", "bands_not_rising", "data.sensitive.0.bands must rise from edge to edge, as in [0, 30, 50, 65]"),
        ("sensitive", "[{column: a, bands: ['1']}]", "value_not_number", "data.sensitive.0.bands.0 must be a number, not '1'"),
        ("sensitive", "[{column: a, bands: 30}]", "value_not_list", "data.sensitive.0.bands must be a list, as in [a, b], not 30"),
        ("sensitive", "[a, {column: a}]", "named_twice", "data.sensitive names a twice; name it once"),
        ("score", "1", "value_not_mapping", "data.score must be a mapping, as in {key: value}, not 1"),
        ("score", "{of: 1}", "score_shape", "data.score takes {column: NAME, of: CLASS}, or {columns: {CLASS: NAME}}"),
        ("score", "{column: a, columns: {1: b}}", "score_shape", "data.score takes {column: NAME, of: CLASS}"),
        ("score", "{columns: {1: a, '1': b}}", "named_twice", "data.score.columns names 1 twice; name it once"),
        ("score", "{column: a, off: 1}", "key_unknown", "data.score.off is no key here; did you mean of?"),
        ("id", "''", "value_empty", "data.id is empty; fill it in or leave the key out"),
        ("id", "[a]", "value_not_text", "data.id must be text; put it in quotes, not ['a']"),
        ("time", "2026", "value_not_text", "data.time must be text; put it in quotes, not 2026"),
        ("entity", "true", "value_not_text", "data.entity must be text; put it in quotes, not True"),
        ("segments", "branch", "value_not_list", "data.segments must be a list, as in [a, b], not 'branch'"),
        ("segments", "[a, a]", "named_twice", "data.segments names a twice; name it once"),
        ("strata", "[1]", "value_not_mapping", "data.strata.0 must be a mapping, as in {key: value}, not 1"),
        ("strata", "[a, {column: a, bands: [0]}]", "named_twice", "data.strata names a twice; name it once"),
        ("strata", "[{column: a, bands: [1, 0]}]", "bands_not_rising", "data.strata.0.bands must rise from edge to edge"),
        ("quasi_identifiers", "[a, a]", "named_twice", "data.quasi_identifiers names a twice"),
        ("population", "{a: 1}", "value_not_text", "data.population must be text; put it in quotes, not {'a': 1}"),
        ("incumbent", "old", "value_not_mapping", "data.incumbent must be a mapping, as in {key: value}, not 'old'"),
        ("incumbent", "{}", "key_missing", "data.incumbent needs prediction; add it"),
        ("monotone", "[a]", "value_not_mapping", "data.monotone must be a mapping, as in {key: value}, not ['a']"),
        ("monotone", "{a: up}", "value_not_allowed", "data.monotone.a is 'up'; write one of: increasing, decreasing"),
        ("schema", "[a]", "value_not_mapping", "data.schema must be a mapping, as in {key: value}, not ['a']"),
        ("schema", "{a: 1}", "value_not_mapping", "data.schema.a must be a mapping, as in {key: value}, not 1"),
        ("schema", "{a: {minimum: '1'}}", "value_not_number", "data.schema.a.minimum must be a number, not '1'"),
        ("schema", "{a: {maximum: true}}", "value_not_number", "data.schema.a.maximum must be a number, not True"),
        ("schema", "{a: {values: []}}", "value_empty", "data.schema.a.values is empty; fill it in or leave the key out"),
        ("schema", "{a: {values: [[1]]}}", "value_not_plain", "data.schema.a.values.0 must be a word, a number, true or false, not [1]"),
        ("schema", "{a: {type: float}}", "value_not_allowed", "data.schema.a.type is 'float'; write one of: number, integer, text, boolean"),
        ("schema", "{a: {missing: -1}}", "value_not_list", "data.schema.a.missing must be a list, as in [a, b], not -1"),
        ("schema", "{a: {minimun: 1}}", "key_unknown", "data.schema.a.minimun is no key here; did you mean minimum?"),
        ("schema", "{a: {minimum: 2, maximum: 1}}", "minimum_over_maximum", "data.schema.a has a minimum above its maximum"),
        ("schema", '{"a\\nb": {type: x}}', "value_not_allowed", r"data.schema.a\nb.type is 'x'"),
        ("weights", "w", "key_unknown", "data.weights is no key here; did you mean"),
    ],
)  # fmt: skip
def test_key_of_the_data_is_refused_on_its_line_when(validated, refusal, key, written, code, line):
    met, said = refusal(validated, manifest_of(**{key: written}))

    assert met == code
    assert said.startswith(f"submission.yaml:5: {line}")


@pytest.mark.parametrize(
    ("more", "code", "line"),
    [
        ("model: skops", "value_not_mapping", "model must be a mapping, as in {key: value}, not 'skops'"),
        ("model: {path: m}", "key_missing", "model needs format; add it"),
        ("model: {format: onx, path: m}", "value_not_allowed", "model.format is 'onx'; write one of: skops, pickle, joblib, onnx"),
        ("model: {format: onnx}", "key_missing", "model needs path; add it"),
        ("model: {format: endpoint, path: m}", "key_missing", "model needs url; add it"),
        ("model: {format: skops, path: m, classes: [1]}", "value_empty", "model.classes is empty"),
        ("model: {format: skops, path: m, classes: [1, 1]}", "named_twice", "model.classes names 1 twice; name it once"),
        ("model: {format: skops, path: m, classes: [1, '1']}", "named_twice", "model.classes names 1 twice; name it once"),
        ("model: {format: skops, path: m, classes: [0, 1, true]}", "named_twice", "model.classes names 1 twice"),
        ("model: {format: skops, path: m, inputs: []}", "value_empty", "model.inputs is empty; fill it in or leave the key out"),
        ("model: {format: skops, path: m, inputs: [a, a]}", "named_twice", "model.inputs names a twice"),
        ("model: {format: skops, path: m, categories: [a]}", "value_not_mapping", "model.categories must be a mapping"),
        ("model: {format: python, path: m, function: predict}", "value_invalid", "model.function is 'predict': string should match pattern"),
        ("model: {format: python, path: m, function: 'os; x:y'}", "value_invalid", "model.function is 'os; x:y'"),
        ("model: {format: skops, path: m, modell: x}", "key_unknown", "model.modell is no key here; did you mean"),
    ],
)  # fmt: skip
def test_key_of_the_model_is_refused_on_its_line_when(validated, refusal, more, code, line):
    met, said = refusal(validated, manifest_of(data=MODEL_DATA, more=more))

    assert met == code
    assert said.startswith(f"submission.yaml:6: {line}")


@pytest.mark.parametrize(
    ("more", "code", "line"),
    [
        ("facts: [a]", "value_not_mapping", "6: facts must be a mapping, as in {key: value}, not ['a']"),
        ("facts: {1: true}", "key_not_text", "6: facts.1 is a key that must be text; put it in quotes"),
        ("facts: {generative: false}", "fact_without_reason", "6: facts.generative is false without a reason; write {is: false, because: …}"),
        ("facts:\n  generative: {is: false}", "fact_without_reason", "7: facts.generative is false without a reason"),
        ("facts: {generative: {is: 'no'}}", "value_not_bool", "6: facts.generative.is must be true or false (yes is text in YAML 1.2), not 'no'"),
        ("facts: {generative: {because: x}}", "key_missing", "6: facts.generative needs is; add it"),
        ("facts: {generative: {is: false, because: ''}}", "value_empty", "6: facts.generative.because is empty"),
        ("facts:\n  affects_people: true\n  gen.x: true", "fact_unknown", "8: facts.gen.x is no fact; did you mean generative? see 'reliability facts'"),
        ('facts: {"gen\\nx": true}', "fact_unknown", r"6: facts.gen\nx is no fact; did you mean generative?"),
        ("performance: performance.f1", "value_not_mapping", "6: performance must be a mapping"),
        ("performance: {at_least: 1}", "key_missing", "6: performance needs check; add it"),
        ("performance: {check: a.b}", "one_limit", "6: performance takes one of at_least, at_most, between, equals"),
        ("performance: {check: a.b, at_least: 1, at_most: 2}", "one_limit", "6: performance takes one of"),
        ("performance: {check: a.b, at_least: high}", "value_not_number", "6: performance.at_least must be a number, not 'high'"),
        ("performance: {check: a.b, between: [1]}", "value_invalid", "6: performance.between is [1]: an entry is missing; add it"),
        ("performance: {check: a.b, between: [1, 2, 3]}", "value_invalid", "6: performance.between is [1, 2, 3]"),
        ("performance: {check: a.b, between: [2, 1]}", "minimum_over_maximum", "6: performance has a minimum above its maximum"),
        ("answers: [a]", "value_not_text", "6: answers must be text; put it in quotes, not ['a']"),
        ("answers: ''", "value_empty", "6: answers is empty; fill it in or leave the key out"),
        ("answer: a.yaml", "key_unknown", "6: answer is no key here; did you mean answers?"),
        ('"an\\nswers": a.yaml', "key_unknown", r"6: an\nswers is no key here; did you mean answers?"),
    ],
)  # fmt: skip
def test_other_keys_are_refused_on_their_line_when(validated, refusal, more, code, line):
    met, said = refusal(validated, manifest_of(more=more))

    assert met == code
    assert said.startswith(f"submission.yaml:{line}")


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("submission: 1\n", "", "key_missing", "1: file needs submission; add it"),
        ("submission: 1", "submission: '1'", "value_not_allowed", "1: submission is '1'; write one of: 1"),
        ("submission: 1", "submission: 2", "value_not_allowed", "1: submission is 2; write one of: 1"),
        ("organisation: {name: 온고을신용}\n", "", "key_missing", "1: file needs organisation; add it"),
        ("{name: 온고을신용}", "{name: ''}", "value_empty", "2: organisation.name is empty; fill it in"),
        ("{name: 온고을신용}", "{name: '   '}", "value_empty", "2: organisation.name is empty"),
        ("{name: 온고을신용}", "{name: a, phone: b}", "key_unknown", "2: organisation.phone is no key here; did you mean"),
        ("{name: 온고을신용}", "{name: a, registration: 4028100000}", "value_not_text", "2: organisation.registration must be text; put it in quotes, not 4028100000"),
        ("{name: 온고을신용}", "{name: a, address: [b]}", "value_not_text", "2: organisation.address must be text; put it in quotes, not ['b']"),
        ("{name: 온고을신용}", "{name: a, contact: 010}", "value_not_text", "2: organisation.contact must be text"),
        ('version: "1"', "version: 1.10", "value_not_text", "3: system.version must be text; put it in quotes, not 1.1"),
        (', version: "1"', "", "key_missing", "3: system needs version; add it"),
        (", purpose: 승인", "", "key_missing", "3: system needs purpose; add it"),
        ("name: 심사, ", "", "key_missing", "3: system needs name; add it"),
        ("purpose: 승인", f"purpose: {'가' * 2_001}", "value_invalid", "3: system.purpose is '가가가"),
        ("purpose: 승인", "purpose: 승인, domain: true", "value_not_text", "3: system.domain must be text"),
    ],
)  # fmt: skip
def test_the_head_is_refused_on_its_line_when(validated, refusal, old, new, code, line):
    met, said = refusal(validated, manifest_of(head=HEAD.replace(old, new)))

    assert met == code
    assert said.startswith(f"submission.yaml:{line}")


@pytest.mark.parametrize(
    ("task", "data", "more", "code", "line"),
    [
        ("binary", "{evaluation: d.csv, target: y, prediction: p}", "", "key_missing", "data needs favourable; add it"),
        ("binary", "{target: y, favourable: 1, prediction: p}", "", "key_missing", "data needs evaluation; add it"),
        ("binary", "{evaluation: d.csv, favourable: 1, prediction: p}", "", "key_missing", "data needs target; add it"),
        ("binary", MODEL_DATA, "", "no_model_no_prediction", "data names no prediction, and there is no model; add one of them"),
        ("binary", PREDICTED, "model: {format: skops, path: m}", "model_and_prediction", "data.prediction stands beside model; keep one of them"),
        ("binary", PREDICTED[:-1] + ", threshold: 0.5}", "", "threshold_with_prediction", "data.threshold has no meaning for predictions handed in; leave it out"),
        ("binary", MODEL_DATA[:-1] + ", score: s}", "model: {format: skops, path: m}", "score_without_prediction", "data.score belongs to predictions handed in; leave it out"),
        ("binary", MODEL_DATA[:-1] + ", threshold: 1.5}", "model: {format: skops, path: m}", "value_invalid", "data.threshold is 1.5: input should be less than or equal to 1"),
        ("binary", MODEL_DATA[:-1] + ", threshold: true}", "model: {format: skops, path: m}", "value_not_number", "data.threshold must be a number, not True"),
        ("multiclass", MODEL_DATA[:-1] + ", threshold: 0.5}", "model: {format: skops, path: m}", "not_for_task", "data.threshold has no meaning where the task is multiclass"),
        ("regression", PREDICTED, "", "favourable_direction", "data.favourable must be higher or lower where the task is regression"),
        ("regression", REGRESSION[:-1] + ", positive: 1}", "", "not_for_task", "data.positive has no meaning where the task is regression; leave it out"),
        ("regression", REGRESSION[:-1] + ", score: s}", "", "not_for_task", "data.score has no meaning where the task is regression"),
        ("regression", REGRESSION[:-1] + ", favourable: [higher, lower]}", "", "favourable_direction", "data.favourable must be higher or lower"),
        ("multiclass", PREDICTED[:-1] + ", score: s}", "", "score_shape", "data.score takes {column, of} for binary and {columns: {class: column}} for multiclass"),
        ("binary", PREDICTED[:-1] + ", score: {columns: {1: s}}}", "", "score_shape", "data.score takes {column, of} for binary"),
        ("binary", PREDICTED.replace("favourable: 1", "favourable: []"), "", "value_empty", "data.favourable is empty; fill it in"),
        ("binary", PREDICTED.replace("favourable: 1", "favourable: [1, '1']"), "", "named_twice", "data.favourable names 1 twice"),
        ("binary", PREDICTED.replace("favourable: 1", "favourable: {a: 1}"), "", "value_not_plain", "data.favourable must be a word, a number, true or false, not {'a': 1}"),
        ("binary", "[]", "", "value_not_mapping", "data must be a mapping, as in {key: value}, not []"),
    ],
)  # fmt: skip
def test_parts_that_contradict_each_other_are_refused_when(validated, refusal, task, data, more, code, line):
    met, said = refusal(validated, f"{HEAD}task: {task}\ndata: {data}\n{more}\n")

    assert met == code
    assert said.startswith(f"submission.yaml:5: {line}")


@pytest.mark.parametrize("text", ["[]", "1", "text", "", "null"])
def test_a_file_that_is_no_mapping_is_refused(validated, refusal, text):
    code, said = refusal(validated, text)

    assert code == "value_not_mapping"
    assert said.startswith("submission.yaml:1: file must be a mapping, as in {key: value}, not ")


def test_the_unknown_key_is_named_before_the_one_it_leaves_missing(validated, refusal):
    code, said = refusal(validated, manifest_of(data=PREDICTED.replace("target", "taget")))

    assert (code, said) == ("key_unknown", "submission.yaml:5: data.taget is no key here; did you mean target?")


def test_of_two_mistakes_the_upper_one_is_named(validated, refusal):
    assert refusal(validated, manifest_of(task="binry", more="answers: 1"))[1].startswith(
        "submission.yaml:4: task is 'binry'"
    )


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ({}, None),
        ({"type": "text", "missing": ["-"]}, None),
        ({"minimum": 0}, (0, None, None)),
        ({"maximum": 1.5}, (None, 1.5, None)),
        ({"minimum": 1, "maximum": 1}, (1, 1, None)),
        ({"values": ["a", 1]}, (None, None, ("a", 1))),
    ],
)
def test_an_entry_of_the_dictionary_makes_a_rule_if_it_limits_anything(entry, rule):
    made = ColumnEntry.model_validate(
        {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    ).rule()

    assert (made and (made.minimum, made.maximum, made.values)) == rule


def test_every_key_that_nothing_uses_is_a_key_of_the_format():
    parts = {
        "data": Manifest.model_fields["data"].annotation,
        "model": Manifest.model_fields["model"].annotation.__args__[0],
    }

    assert all(key in parts[part].model_fields for part, key in (each.split(".") for each in NOT_USED))


def test_an_entity_and_the_fact_that_denies_it_contradict(validated, refusal):
    code, said = refusal(
        validated, manifest_of(entity="h", more="facts: {rows_share_entities: {is: false, because: x}}")
    )

    assert code == "entity_contradicted"
    assert (
        said
        == "submission.yaml:6: facts.rows_share_entities is false, yet data.entity names a column; change one of them"
    )
