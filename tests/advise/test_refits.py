from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from reliability.advise.copies import Copies
from reliability.advise.refits import CONSTRAINTS, MOST_ROWS, refit_remedies
from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.checklist.catalogue import checks
from reliability.worker.parent import Limits
from tests.builders import block
from tests.worker.refitting import columns_of, here, spec_of, table

# Fairlearn's own, of pandas.
pytestmark = pytest.mark.filterwarnings("ignore:Setting a")
SELECTION, LEAK = "fairness.selection_rate_ratio", "leakage.single_feature_auc"
MODEL = make_pipeline(StandardScaler(), LogisticRegression())


class Aimed:
    """As much of an aim as remedies by refits look at."""

    def __init__(self, check=SELECTION, by=("sex",), at_most=None, **details):
        self.check, self.by, self.checks = check, by, (check,)
        self.number = SimpleNamespace(details=details)
        self.criterion = SimpleNamespace(at_most=at_most)


def rows(frame, y, group, **roles):
    return block(y, columns=columns_of(frame), groups={"sex": np.where(group, "M", "F")}, **roles)


@pytest.fixture
def copies():
    made = Copies(Limits(), opened=here)
    yield made
    made.close()


@pytest.fixture
def world(tmp_path, copies):
    """Training rows with a cause planted in them, rows without it, and the remedies of an aim."""

    def made(*aims, model=MODEL, frame=None, y=None, group=None, seed=0, **roles):
        plain, labels, groups = table(800)
        frame, y, group = (plain if frame is None else frame), (labels if y is None else y), groups
        training = rows(frame, y, group, **roles)
        spec = spec_of(model.fit(frame, y), tmp_path / "m.skops", frame, classes=(0, 1))
        ground = Ground(roles=training.roles, training=training, model=spec, seed=seed)
        return ground, refit_remedies(aims, ground, copies)

    return made


def named(remedies, name, **options):
    (one,) = [each for each in remedies if each.name == name and options.items() <= each.options.items()]
    return one


def gap(labels, group):
    return abs(labels[group == 1].mean() - labels[group == 0].mean())


def test_reweighing_undoes_labels_that_favour_a_group(world):
    frame, _y, group = table(800)
    fair = (frame["f0"] + frame["f2"] > 0).to_numpy().astype(np.int64)
    draws = np.random.default_rng(5)
    biased = np.where((group == 0) & (draws.random(800) < 0.5), 0, fair)
    ground, remedies = world(Aimed(), y=biased, frame=frame.assign(f3=group + 0.1 * draws.normal(size=800)))

    tried = named(remedies, "reweighing", attributes=["sex"]).learn(ground)

    told = tried.changed(Rows.of(ground.training)).predicted
    today = MODEL.predict(frame.assign(f3=ground.training.columns["f3"].values))
    assert gap(told, group) < gap(today, group) / 2
    weights = {(one["slice"]["sex"], one["label"]): one["weight"] for one in tried.details["weights"]}
    assert weights["F", 1] > 1 > weights["F", 0]


@pytest.mark.parametrize("name", ["exponentiated_gradient", "grid_search"])
def test_reductions_are_under_the_constraint_that_the_check_speaks_of(world, name):
    ground, remedies = world(Aimed())
    remedy = named(remedies, name, constraint="demographic_parity", attributes=["sex"])

    tried = remedy.learn(ground)
    told = tried.changed(Rows.of(ground.training)).predicted

    group = table(800)[2]
    assert gap(told, group) < gap(MODEL.predict(table(800)[0]), group)
    assert tried.details["rows"] == 800
    assert remedy.cautions == ("attribute_in_training",)


def test_every_constraint_is_reached_from_some_check_and_no_check_from_two():
    found = [
        [one for one, starts in CONSTRAINTS.items() if name.startswith(starts)]
        for name in checks() if name.startswith(("fairness.", "performance."))
    ]  # fmt: skip

    assert {one for several in found for one in several} == set(CONSTRAINTS)
    assert max(map(len, found)) == 1


def test_reductions_come_last_and_no_remedy_twice(world):
    _, remedies = world(Aimed(), Aimed("fairness.selection_rate_difference"), Aimed("performance.roc_auc", by=()))
    names = [one.name for one in remedies]

    assert sorted(names[-2:]) == ["exponentiated_gradient", "grid_search"]
    assert len({(one.name, str(one.options)) for one in remedies}) == len(remedies)


def test_only_what_may_mend_an_aim_is_there(world):
    _, remedies = world(Aimed("robustness.monotonicity_violations", by=()))
    _, of_privacy = world(Aimed("privacy.membership_inference_auc", by=()))

    assert [one.name for one in remedies] == ["monotone"]
    assert [one.name for one in of_privacy] == ["regularised"]


def test_large_training_data_is_sampled_for_a_reduction(world, monkeypatch):
    monkeypatch.setattr("reliability.advise.refits.MOST_ROWS", 300)
    ground, remedies = world(Aimed())
    tried = named(remedies, "grid_search").learn(ground)

    assert MOST_ROWS == 20_000
    assert tried.details["rows"] == 300
    assert tried.training is None


def test_leaking_column_is_held_and_the_copy_learns_to_do_without(world):
    frame, y, _ = table(800)
    leaking = frame.assign(leak=y + 0.01 * np.random.default_rng(6).normal(size=800))
    aim = Aimed(LEAK, by=(), at_most=0.95, column="leak", features=[{"column": "leak", "value": 1.0},
                                                                     {"column": "f0", "value": 0.8}])  # fmt: skip
    ground, remedies = world(aim, frame=leaking)

    tried = named(remedies, "without_columns", columns=["leak"]).learn(ground)

    told = tried.changed(Rows.of(ground.training))
    plain = MODEL.fit(frame, y).predict_proba(frame)[:, 1]
    np.testing.assert_allclose(told.scores, plain, atol=0.02)
    assert tried.features == ("f0", "f1", "f2", "f3")
    left = {name: ground.training.columns[name] for name in tried.features}
    assert tried.ask(left).scores.tolist() == told.scores.tolist()


def test_all_columns_beyond_the_limit_go_together_and_never_all_there_are(world):
    many = [{"column": name, "value": 0.99} for name in ("f0", "f1")]
    everything = [{"column": name, "value": 0.99} for name in ("f0", "f1", "f2", "f3")]

    _, two = world(Aimed(LEAK, by=(), at_most=0.95, column="f0", features=many))
    _, none = world(Aimed(LEAK, by=(), at_most=0.95, column="f0", features=everything))

    assert [one.options for one in two] == [{"columns": ["f0", "f1"]}]
    assert none == ()


@pytest.mark.parametrize(
    ("check", "details", "columns"),
    [
        ("fairness.barred_inputs", {"names": ["f1", "memo"]}, ["f1"]),
        ("explanation.unused_features", {"columns": ["f2", "f3"], "features": [{"column": "f0", "value": 0.5}]},
         ["f2", "f3"]),
        ("data_quality.constant_columns", {"columns": [{"column": "f3"}]}, ["f3"]),
        ("explanation.largest_feature_share", {"column": "f0"}, ["f0"]),
    ],
)  # fmt: skip
def test_columns_are_those_that_the_check_names(world, check, details, columns):
    _, remedies = world(Aimed(check, by=(), at_most=0, **details))

    assert named(remedies, "without_columns", columns=columns).mends_check(check)


def test_a_proxy_is_found_in_the_training_rows_where_groups_fare_apart(world):
    frame, _y, group = table(800)
    ground, remedies = world(Aimed(), frame=frame.assign(f3=group + 0.2 * np.random.default_rng(7).normal(size=800)))
    given = [one.options["columns"] for one in remedies if one.name == "without_columns"]

    assert ["f3"] in given
    tried = named(remedies, "without_columns", columns=["f3"]).learn(ground)
    assert tried.features == ("f0", "f1", "f2")


def test_repeats_and_contradictions_are_taken_away(world):
    frame, y, _ = table(800)
    doubled = frame.copy()
    doubled.iloc[100:200] = frame.iloc[:100].to_numpy()
    labels = y.copy()
    labels[100:150], labels[150:200] = y[:50], 1 - y[50:100]
    ground, remedies = world(Aimed("performance.roc_auc", by=()), frame=doubled, y=labels)

    once = named(remedies, "without_duplicates").learn(ground)
    agreed = named(remedies, "without_contradictions").learn(ground)

    assert once.details == {"removed": 50, "of": 800}
    assert once.training.n == 750
    assert agreed.details == {"removed": 100, "of": 800}
    assert named(remedies, "without_duplicates").effort == 3


def test_mislabelled_rows_are_found_by_copies_that_have_not_seen_them(world):
    draws = np.random.default_rng(8)
    frame, _, _ = table(800)
    truth = (frame["f0"] > 0).to_numpy().astype(np.int64)
    flipped = draws.random(800) < 0.2
    tree = DecisionTreeClassifier(min_samples_leaf=10, random_state=0)
    ground, remedies = world(Aimed("performance.accuracy", by=()), model=tree, y=np.where(flipped, 1 - truth, truth))
    remedy = named(remedies, "without_mislabelled")

    tried = remedy.learn(ground)

    removed = ~np.isin(np.arange(800), tried.training.row_positions())
    assert removed[flipped].mean() > 0.7
    assert removed[~flipped].mean() < 0.15
    after = tried.changed(Rows.of(ground.training)).predicted
    assert (after == truth).mean() > (tree.predict(frame) == truth).mean() + 0.02
    assert remedy.cautions == ("rows_to_be_checked",)


def test_gaps_are_filled_for_a_copy_that_the_model_would_refuse(world):
    gaps = table(800)[0]
    gaps.loc[::9, "f0"] = np.nan
    model = make_pipeline(SimpleImputer(), LogisticRegression())
    ground, remedies = world(Aimed("robustness.missing_value_consistency", by=()), model=model, frame=gaps)

    tried = named(remedies, "missing_filled").learn(ground)

    present = gaps["f0"].dropna().sort_values().to_numpy()
    median = present[(len(present) - 1) // 2]
    own = LogisticRegression().fit(gaps.fillna(median), table(800)[1])
    told = tried.changed(Rows.of(ground.training))
    np.testing.assert_allclose(told.scores, own.predict_proba(gaps.fillna(median))[:, 1], atol=1e-6)
    assert tried.details == {"columns": ["f0"]}


def test_copy_follows_the_declared_direction(world):
    noise = np.random.default_rng(9).integers(0, 2, 800)
    boosted = HistGradientBoostingClassifier(max_iter=9, random_state=0)
    ground, remedies = world(Aimed("robustness.monotonicity_violations", by=()), model=boosted, y=noise,
                             monotone={"f0": "decreasing"})  # fmt: skip

    tried = named(remedies, "monotone").learn(ground)

    frame = table(800)[0]
    told = [tried.ask(columns_of(frame.assign(f0=one))).scores for one in (-2.0, 0.0, 2.0)]
    assert (np.diff(told, axis=0) <= 1e-12).all()


def test_copy_learns_less_by_heart(world):
    noise = np.random.default_rng(10).integers(0, 2, 800)
    tree = DecisionTreeClassifier(random_state=0)
    ground, remedies = world(Aimed("privacy.membership_inference_auc", by=()), model=tree, y=noise)

    told = named(remedies, "regularised").learn(ground).changed(Rows.of(ground.training)).predicted

    assert (tree.predict(table(800)[0]) == noise).all()
    assert (told == noise).mean() < 0.8


def test_remedy_learns_the_same_twice(world):
    ground, remedies = world(Aimed("performance.accuracy", by=()), model=DecisionTreeClassifier(max_features=1), seed=4)
    several = [named(remedies, "without_mislabelled").learn(ground) for _ in range(2)]

    one, other = (tried.changed(Rows.of(ground.training)).scores.tolist() for tried in several)
    assert one == other


@pytest.mark.parametrize(
    ("check", "by", "name", "model", "reason"),
    [
        (SELECTION, ("sex",), "reweighing", KNeighborsClassifier(),
         NotTried(code="refit_no_sample_weight", values={"found": "KNeighborsClassifier"})),
        (SELECTION, ("age",), "reweighing", MODEL,
         NotTried(code="no_training_groups", values={"attributes": ["age"]})),
        ("performance.accuracy", (), "without_duplicates", MODEL, NotTried(code="nothing_to_change")),
        ("performance.accuracy", (), "missing_filled", MODEL, NotTried(code="nothing_to_change")),
        ("robustness.monotonicity_violations", (), "monotone", MODEL, NotTried(code="no_monotone")),
        ("performance.segment_gap", ("sex",), "without_contradictions", MODEL, NotTried(code="nothing_to_change")),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_says_why(world, check, by, name, model, reason):
    ground, remedies = world(Aimed(check, by=by), model=model)

    assert next(one for one in remedies if one.name == name).learn(ground) == reason


def test_nothing_is_tried_without_training_data_or_a_model(world, copies):
    ground, _ = world(Aimed())
    bare = Ground(roles=ground.roles, training=None, model=ground.model)
    handed_in = Ground(roles=ground.roles, training=ground.training, model=None)

    assert {one.learn(bare).code for one in refit_remedies((Aimed(),), bare, copies)} == {"no_training_data"}
    assert {one.learn(handed_in).code for one in refit_remedies((Aimed(),), handed_in, copies)} == {"no_model"}


def test_groups_that_are_too_small_or_of_one_label_are_no_groups(world):
    frame, y, _group = table(800)
    few = np.where(np.arange(800) < 20, 1, 0)
    training = rows(frame, y, few)
    ground, _ = world(Aimed())
    small = Ground(roles=training.roles, training=training, model=ground.model)

    (told,) = {one.learn(small).code for one in world(Aimed())[1] if "attributes" in one.options}
    assert told == "fewer_than_two_groups"


def test_every_remedy_and_reason_has_words():
    from reliability.words.text import LANGUAGES, words
    from reliability.worker.refit import MESSAGES

    names = ["reweighing", "exponentiated_gradient", "grid_search", "without_columns", "without_duplicates",
             "without_contradictions", "without_mislabelled", "missing_filled", "monotone", "regularised"]  # fmt: skip
    reasons = [*MESSAGES, "no_training_data", "no_training_groups", "nothing_to_change", "no_monotone",
               "needs_classification", "no_rows", "no_scores", "fewer_than_two_groups", "no_model"]  # fmt: skip
    keys = [f"advise.remedy.{one}" for one in names] + [f"advise.not_tried.{one}" for one in reasons]
    keys += [f"advise.caution.{one}" for one in ("attribute_in_training", "rows_to_be_checked")]
    keys += [f"advise.option.{one}" for one in CONSTRAINTS]

    assert [(lang, key) for lang in LANGUAGES for key in keys if key not in words(lang)] == []


def test_frames_of_text_are_fitted_as_well(tmp_path, copies):
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    frame, y, group = table(400)
    frame = frame.assign(town=pd.Series(np.array(["가", "나"], dtype=object)[group], dtype=object))
    encoded = make_column_transformer((OneHotEncoder(), ["town"]), remainder="passthrough", sparse_threshold=0)
    model = make_pipeline(encoded, LogisticRegression()).fit(frame, y)
    training = rows(frame, y, group)
    spec = spec_of(model, tmp_path / "m.skops", frame, classes=(0, 1))
    ground = Ground(roles=training.roles, training=training, model=spec)

    for remedy in refit_remedies((Aimed(),), ground, copies):
        if remedy.name in ("reweighing", "grid_search", "without_columns"):
            assert remedy.learn(ground).changed(Rows.of(training)).predicted.shape == (400,)


def test_a_column_that_told_the_label_in_training_alone_is_done_without_for_performance(world, copies):
    frame, y, _group = table(800)
    draws = np.random.default_rng(8)
    known = frame.assign(f3=4.0 * y + draws.normal(size=800))
    ground, _ = world(Aimed("performance.roc_auc", ()), frame=known)
    later, outcomes, group = table(400)
    decided = rows(later.assign(f3=draws.permutation(4.0 * outcomes) + draws.normal(size=400)), outcomes, group)
    remedies = refit_remedies((Aimed("performance.roc_auc", ()),), replace(ground, answered=decided), copies)

    remedy = named(remedies, "without_columns", columns=["f3"])

    assert remedy.mends_check("performance.roc_auc")
    assert remedy.mends_check("drift.concept_shift")
    assert not remedy.mends_check(SELECTION)


def test_a_column_that_tells_as_much_later_is_kept(world, copies):
    frame, y, _group = table(800)
    draws = np.random.default_rng(8)
    ground, _ = world(Aimed("performance.roc_auc", ()), frame=frame.assign(f3=4.0 * y + draws.normal(size=800)))
    later, outcomes, group = table(400)
    decided = rows(later.assign(f3=4.0 * outcomes + draws.normal(size=400)), outcomes, group)
    remedies = refit_remedies((Aimed("performance.roc_auc", ()),), replace(ground, answered=decided), copies)

    assert "without_columns" not in [one.name for one in remedies]
