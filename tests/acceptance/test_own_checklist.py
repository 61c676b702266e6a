"""Checklists of one's own over the shipped one, and every rule, slice and exit status as the record shows them."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

from reliability import doctor
from reliability.checklist.read import read_checklist

SHIPPED = read_checklist("trustworthy-ai")
HEAD = """\
checklist: {name}
format: 1
version: 0.1.0
title: {{ko: 우리 점검표, en: Ours}}
"""
GUARDED = (
    HEAD.format(name="ours")
    + """\
extends: [trustworthy-ai]
drop: [GOV-01, GOV-03]
decision: {rule: guarded, confidence: 0.99}
sections:
  - id: FAI
    items:
      - id: FAI-02
        severity: minor
  - id: PER
    items:
      - id: PER-90
        requirement: {ko: 맞힌다., en: It is right.}
        check: performance.accuracy
        at_least: 0.5
        source: house default
        severity: major
"""
)
ALONE = (
    HEAD.format(name="alone")
    + """\
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 0}
sections:
  - id: PER
    title: {ko: 성능, en: Performance}
    items:
"""
)
KEPT = {"target": "y", "favourable": 1, "prediction": "predicted", "sensitive": ["sex"]}


def item(name, criterion, severity="major"):
    return (
        f"      - id: {name}\n        requirement: {{ko: 요건, en: A requirement}}\n        severity: {severity}\n"
        f"        criteria: [{{{criterion}, source: house default}}]\n"
    )


def accuracy(limit, rule=None, **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"check: performance.accuracy, at_least: {limit}{f', rule: {rule}' if rule else ''}{extra}"


def answered(right, rows=100, **columns):
    """So many rows, of which so many are answered rightly."""
    y = np.arange(rows) % 2
    sex = np.where(np.arange(rows) // 2 % 2, "F", "M")
    return pd.DataFrame({"x": np.arange(rows), "sex": sex, "y": y, **columns}).assign(
        predicted=np.where(np.arange(rows) < right, y, 1 - y)
    )


@pytest.fixture
def judged(submit, assess, tmp_path):
    """Assess a table by these items alone."""

    def command(table, *items, kept=KEPT, **options):
        path = tmp_path / "alone.yaml"
        path.write_text(ALONE + "".join(items), encoding="utf-8")
        return assess(submit(table, **kept, **options), "--checklist", path)

    return command


@pytest.fixture
def ours(tmp_path):
    path = tmp_path / "lists/ours.yaml"
    path.parent.mkdir()
    path.write_text(GUARDED, encoding="utf-8")
    return path


def test_a_checklist_that_extends_the_shipped_one_by_name_keeps_drops_and_adds(ours, submit, assess):
    done = assess(submit(answered(90), **KEPT), "--checklist", ours)
    kept = [one.id for one in SHIPPED.items if one.id not in {"GOV-01", "GOV-03"}]

    assert set(done.verdicts()) == {*kept, "PER-90"}
    assert (done.record.checklist.id, done.record.checklist.version) == ("ours", "0.1.0")
    assert done.verdicts()["PER-90"] == "pass"


def test_an_overridden_item_keeps_what_it_does_not_name(ours, submit, assess):
    done = assess(submit(answered(90), **KEPT), "--checklist", ours)
    (found,) = [one for one in done.record.findings if one.item == "FAI-02"]

    assert found.severity == "minor"
    assert [one.criterion.check for one in found.criteria] == [
        one.check for one in SHIPPED.item("FAI-02").criteria
    ]  # fmt: skip


def test_a_guarded_checklist_gives_no_conditional_verdict_to_what_it_measures(ours, submit, assess):
    done = assess(submit(answered(60), **KEPT), "--checklist", ours)
    results = [result for found in done.record.findings for result in found.criteria]

    assert {result.criterion.rule for result in results} <= {"guarded", "exact", None}
    assert not {"conditional_pass", "conditional_fail"} & {result.verdict for result in results}
    assert {one.confidence for result in results for one in result.measurements} <= {0.99, None}


def test_the_resolved_checklist_stands_in_the_record_and_is_explained(ours, submit, assess, run):
    done = assess(submit(answered(90), **KEPT), "--checklist", ours)

    assert done.record.checklist.content == read_checklist(ours).content
    assert "guarded" in run("explain", "PER-90", "--checklist", ours).out.lower()


# 80 right of 100: Clopper-Pearson [0.708, 0.873].
BY_RULE = {
    ("four_way", 0.70): "pass", ("four_way", 0.75): "conditional_pass", ("four_way", 0.85): "conditional_fail",
    ("four_way", 0.90): "fail", ("guarded", 0.70): "pass", ("guarded", 0.75): "inconclusive",
    ("guarded", 0.85): "inconclusive", ("guarded", 0.90): "fail", ("simple", 0.79): "pass", ("simple", 0.81): "fail",
}  # fmt: skip


def test_every_rule_gives_the_verdict_of_its_definition(judged):
    items = {f"PER-{place}": key for place, key in enumerate(BY_RULE, 10)}
    done = judged(answered(80), *(item(name, accuracy(limit, rule)) for name, (rule, limit) in items.items()))
    found = done.measured("performance.accuracy")[()]

    assert (found.low, found.high) == pytest.approx((beta.ppf(0.025, 80, 21), beta.ppf(0.975, 81, 20)), abs=1e-9)
    assert done.verdicts() == {name: BY_RULE[key] for name, key in items.items()}


@pytest.mark.parametrize(
    ("limit", "severity", "outcome", "status"),
    [
        (0.70, "critical", "conforms", 0),
        (0.75, "major", "conforms_with_conditions", 0),
        (0.75, "critical", "undetermined", 3),
        (0.85, "major", "undetermined", 3),
        (0.85, "minor", "conforms_with_conditions", 0),
        (0.90, "minor", "does_not_conform", 1),
        (0.90, "major", "does_not_conform", 1),
    ],
)
@pytest.mark.parametrize("lang", ["en"])
def test_exit_status_is_that_of_the_outcome(judged, limit, severity, outcome, status, lang):
    done = judged(answered(80), item("PER-10", accuracy(limit), severity))

    assert (done.record.outcome, done.status) == (outcome, status)
    assert done.out.splitlines()[-1].startswith("Outcome: ")


@pytest.mark.parametrize("right", [80, 45])
def test_exit_status_is_the_same_with_json(judged, run, tmp_path, right):
    done = judged(answered(right), item("PER-10", accuracy(0.7)))
    again = run(
        "assess", tmp_path / "submission", "--checklist", tmp_path / "alone.yaml", "--out", tmp_path / "2", "--json"
    )

    assert again.status == done.status == {80: 0, 45: 1}[right]


def segmented(rights, rows=200):
    """Segments of this many rows, with so many right answers each."""
    parts = [answered(right, rows).assign(branch=f"B{place}") for place, right in enumerate(rights)]
    return pd.concat(parts, ignore_index=True)


def by_branch(done):
    (found,) = done.record.findings
    return {one.slice["branch"]: one for one in found.criteria[0].measurements}


SEGMENTED = {**KEPT, "segments": ["branch"]}


def test_a_segment_fails_only_where_it_fails_at_the_adjusted_interval_too(judged):
    # 135 of 200 fail 0.75 at 95 % but not at the 99.5 % that ten segments ask for.
    criterion = item("PER-10", accuracy(0.75, by="segments"))
    done = judged(segmented([135, *[180] * 9]), criterion, kept=SEGMENTED)
    found = by_branch(done)["B0"]

    assert found.high < 0.75 < found.details["adjusted"]["high"]
    assert found.details["adjusted"]["high"] == pytest.approx(beta.ppf(1 - 0.0025, 136, 65), abs=1e-9)
    assert done.verdicts() == {"PER-10": "conditional_fail"}


def test_a_segment_far_below_fails_and_says_so(judged):
    criterion = item("PER-10", accuracy(0.75, by="segments"))
    done = judged(segmented([100, *[180] * 9]), criterion, kept=SEGMENTED)

    assert done.verdicts() == {"PER-10": "fail"}
    assert done.status == 1
    assert "(B0) 50.0%" in done.out


def test_segments_that_all_pass_pass_without_any_adjustment(judged):
    criterion = item("PER-10", accuracy(0.75, by="segments"))
    done = judged(segmented([180] * 4), criterion, kept=SEGMENTED)

    assert done.verdicts() == {"PER-10": "pass"}
    assert {one.n for one in by_branch(done).values()} == {200}


def test_small_segments_of_over_a_twentieth_leave_it_undecided(judged):
    table = pd.concat([segmented([180, 180]), *(answered(9, 10).assign(branch=f"C{place}") for place in range(3))])
    done = judged(table, item("PER-10", accuracy(0.75, by="segments")), kept=SEGMENTED)

    assert done.verdicts() == {"PER-10": "inconclusive"}
    (found,) = done.record.findings
    assert "small_groups" in [reason.code for reason in found.criteria[0].reasons]


def test_segments_that_nobody_declared_leave_it_undecided(judged):
    assert judged(answered(90), item("PER-10", accuracy(0.75, by="segments"))).verdicts() == {"PER-10": "inconclusive"}


def test_rows_of_the_same_entity_widen_the_interval(judged):
    table = answered(80, person=np.arange(100) // 2)
    repeated = pd.concat([table] * 8, ignore_index=True)
    done = judged(repeated, item("PER-10", accuracy(0.75)), kept={**KEPT, "entity": "person"})
    found = done.measured("performance.accuracy")[()]

    assert found.value == pytest.approx(0.8, abs=1e-12)
    assert found.method.endswith("_effective_n")
    # 800 rows, but 50 people: not the narrow interval of 800 independent rows.
    assert found.low < beta.ppf(0.025, 80, 21)
    assert found.low < beta.ppf(0.025, 640, 161)


def test_an_entity_is_no_feature_and_states_its_fact(judged):
    table = answered(80, person=np.arange(100))
    done = judged(table, item("PER-10", accuracy(0.5)), kept={**KEPT, "entity": "person"})
    roles = {one["name"]: one["role"] for one in done.record.data.evaluation.columns}

    assert roles["person"] == "entity"
    assert done.record.subject.facts["rows_share_entities"]["value"] is True


@pytest.fixture(scope="session")
def confined():
    if doctor.confinement().level != "ok":
        pytest.skip("no confinement on this machine: models are refused, see 'reliability doctor'")


@pytest.fixture
def modelled(confined, submit, assess, tmp_path):
    """Assess a logistic regression by its accuracy alone, with more keys of `model` and `data`."""
    draw = np.random.default_rng(3)
    table = pd.DataFrame({"x": draw.normal(size=400), "z": draw.normal(size=400), "sex": ["F", "M"] * 200})
    table["y"] = (table["x"] + draw.normal(size=400) > 0).astype("int64")
    model = LogisticRegression().fit(table[["x", "z"]], table["y"])
    (tmp_path / "alone.yaml").write_text(ALONE + item("PER-10", accuracy(0.5)), encoding="utf-8")

    def command(model_keys=(), **data):
        keys = {"format": "skops", "path": "model.skops", **dict(model_keys)}
        kept = {"target": "y", "favourable": 1, "sensitive": ["sex"], "features": {"include": ["x", "z"]}} | data
        folder = submit(table, model=keys, **kept)
        (folder / "model.skops").write_bytes(skops.io.dumps(model))
        done = assess(folder, "--checklist", tmp_path / "alone.yaml")
        return done, model.predict_proba(table[["x", "z"]])[:, 1], table["y"]

    return command


@pytest.mark.parametrize("threshold", [0.2, 0.8])
def test_a_threshold_decides_in_place_of_the_model(modelled, threshold):
    done, scores, y = modelled(threshold=threshold)
    rows = pd.read_parquet(done.case / "rows.parquet")

    assert done.measured("performance.accuracy")[()].value == pytest.approx(((scores >= threshold) == y).mean())
    assert [str(one) for one in rows["predicted"]] == [str(int(one)) for one in scores >= threshold]


def test_classes_that_are_those_of_the_model_change_nothing(modelled):
    done, scores, y = modelled([("classes", [0, 1])])

    assert done.measured("performance.accuracy")[()].value == pytest.approx(((scores >= 0.5) == y).mean())


@pytest.mark.parametrize("classes", [[0], [0, 1, 2]])
def test_classes_of_another_count_are_refused_and_never_a_number(modelled, classes):
    done, *_ = modelled([("classes", classes)])

    assert done.status == 2
    assert not done.case.exists()


MULTI = {"target": "band", "favourable": ["high", "middle"], "prediction": "banded", "sensitive": ["sex"]}


def test_student_bands_by_a_guarded_checklist_of_ones_own(student, submit, assess, ours):
    folder = submit(student, task="multiclass", **MULTI, features={"exclude": ["G2", "class", "predicted"]})
    done = assess(folder, "--checklist", ours)
    found = done.measured("performance.accuracy")[()]

    assert found.value == pytest.approx((student["band"] == student["banded"]).mean(), abs=1e-12)
    assert done.verdicts()["PER-90"] == "pass"
    assert done.record.subject.task == "multiclass"


def test_student_marks_judged_by_their_errors(student, submit, assess, tmp_path):
    kept = {"target": "G2", "favourable": "higher", "prediction": "predicted", "sensitive": ["sex"]}
    folder = submit(student, task="regression", **kept, features={"exclude": ["class", "band", "banded"]})
    text = item("PER-10", "check: performance.mean_absolute_error, at_most: 3") + item("PER-11", accuracy(0.5))
    (tmp_path / "alone.yaml").write_text(ALONE + text, encoding="utf-8")
    done = assess(folder, "--checklist", tmp_path / "alone.yaml")

    errors = (student["G2"] - student["predicted"]).abs()
    assert done.measured("performance.mean_absolute_error")[()].value == pytest.approx(errors.mean(), abs=1e-9)
    assert done.verdicts() == {"PER-10": "pass", "PER-11": "inconclusive"}
    assert done.status == 3
