"""What no remedy can do anything with is refused by every one of them, with a reason that has words."""

from types import SimpleNamespace

import numpy as np
import pytest

from reliability.advice import RemedyTried, Why
from reliability.advise.copies import Copies
from reliability.advise.inputs import input_remedies
from reliability.advise.parity import PARITIES, SMALLEST_GROUP, group_remedies
from reliability.advise.recalibration import CURVES, score_remedies
from reliability.advise.refits import refit_remedies
from reliability.advise.remedies import Ground, NotTried, Remedy
from reliability.advise.thresholds import decision_remedies
from reliability.advise.trials import Ran, combined
from reliability.cli.advice import why_text
from reliability.words.text import LANGUAGES, words
from reliability.worker.failures import MESSAGES
from reliability.worker.parent import Limits
from tests.builders import block

N = 120
SEXES = ["F", "M"] * (N // 2)


class Aimed:
    """As much of an aim as remedies look at before they learn."""

    def __init__(self, check, by=("sex",)):
        self.check, self.by, self.checks = check, by, (check,)
        self.number = SimpleNamespace(details={})
        self.criterion = SimpleNamespace(at_most=None)


def mapping_remedies():
    """Everything that maps answers, by a name that tells it from the others."""
    made = {}
    for parity in sorted(set(PARITIES.values())):
        made |= {f"{one.name}-{parity}": one for one in group_remedies(parity, ("sex",))}
    for check in ("performance.accuracy", "fairness.selection_rate_ratio", "fairness.calibration_difference",
                  "calibration.brier_score"):  # fmt: skip
        aim = Aimed(check)
        for one in (*decision_remedies(aim), *score_remedies(aim, (("sex",),))):
            made[f"{one.name}-{one.options.get('way', '')}-{check}"] = one
    return made


MAPPING = mapping_remedies()


def labels(n=N):
    """Both labels in both groups."""
    return [(place // 2) % 2 for place in range(n)]


def scores(n=N):
    return np.linspace(0.01, 0.99, n)


def nothing_chosen():
    return block(labels(), labels(), scores(), groups={"sex": SEXES}).where(np.zeros(N, np.bool_))


GROUNDS = {
    "no_rows": nothing_chosen,
    "no_scores": lambda: block(labels(), labels(), groups={"sex": SEXES}),
    "one_class": lambda: block([1] * N, labels(), scores(), groups={"sex": SEXES}),
    "needs_binary": lambda: block(
        np.arange(N) * 1.0, np.arange(N) * 1.0, groups={"sex": SEXES}, task="regression", favourable=()
    ),
}


def learn(remedy, rows, **more):
    return remedy.learn(Ground(roles=rows.roles, answered=rows, **more))


@pytest.mark.parametrize("code", sorted(GROUNDS))
@pytest.mark.parametrize("name", sorted(MAPPING))
def test_what_maps_answers_says_why_it_cannot_learn(name, code):
    assert learn(MAPPING[name], GROUNDS[code]()) == NotTried(code=code)


@pytest.mark.parametrize("name", sorted(MAPPING))
def test_what_maps_answers_does_without_a_ground_that_is_not_there(name):
    rows = block([0, 1], groups={"sex": ["F", "M"]})

    assert MAPPING[name].learn(Ground(roles=rows.roles)) == NotTried(code="no_rows")


@pytest.mark.parametrize("name", sorted(MAPPING))
def test_three_classes_are_none_of_its_business(name):
    three = block([0, 1, 2] * 40, [0, 1, 2] * 40, np.full((N, 3), 1 / 3), groups={"sex": SEXES}, classes=(0, 1, 2),
                  task="multiclass", favourable=(1,))  # fmt: skip

    assert learn(MAPPING[name], three) == NotTried(code="needs_binary")


BY_GROUP = sorted(name for name, one in MAPPING.items() if "attribute_at_decision_time" in one.cautions)


@pytest.mark.parametrize("name", [name for name in BY_GROUP if "thresholds" in name])
def test_one_group_alone_has_nothing_to_be_compared_with(name):
    alone = block(labels(), labels(), scores(), groups={"sex": ["F"] * N})

    assert learn(MAPPING[name], alone) == NotTried(code="fewer_than_two_groups", values={"minimum": 30})


@pytest.mark.parametrize("name", [name for name in BY_GROUP if "thresholds" in name])
@pytest.mark.parametrize("favourable", [(), (0, 1)])
def test_thresholds_by_group_need_to_know_which_decision_is_the_good_one(name, favourable):
    undecided = block(labels(), labels(), scores(), groups={"sex": SEXES}, favourable=favourable)

    assert learn(MAPPING[name], undecided) == NotTried(code="no_favourable")


@pytest.mark.parametrize("name", [name for name in BY_GROUP if "thresholds" in name])
def test_rows_of_unknown_groups_are_no_group(name):
    unknown = block(labels(), labels(), scores(), groups={"sex": ["F", None] * (N // 2)})

    assert learn(MAPPING[name], unknown) == NotTried(code="fewer_than_two_groups", values={"minimum": 30})


@pytest.mark.parametrize("name", [name for name in BY_GROUP if "recalibration" in name])
def test_groups_that_are_too_small_for_a_curve_are_told_with_the_least_there_must_be(name):
    small = block(labels(), labels(), scores(), groups={"sex": SEXES})

    assert learn(MAPPING[name], small) == NotTried(code="groups_too_small", values={"minimum": 100})


@pytest.mark.parametrize("n", [SMALLEST_GROUP - 1, SMALLEST_GROUP])
def test_a_group_counts_from_thirty_rows_on(n):
    sexes = ["F"] * n + ["M"] * (N - n)
    tried = learn(MAPPING["group_thresholds-demographic_parity"],
                  block(labels(), labels(), scores(), groups={"sex": sexes}))  # fmt: skip

    assert (tried == NotTried(code="fewer_than_two_groups", values={"minimum": 30})) == (n < SMALLEST_GROUP)


REFITS = {
    "reweighing": "fairness.selection_rate_ratio",
    "exponentiated_gradient": "fairness.selection_rate_ratio",
    "grid_search": "fairness.selection_rate_ratio",
    "without_duplicates": "data_quality.duplicate_rows",
    "without_contradictions": "data_quality.contradictory_labels",
    "without_mislabelled": "data_quality.disputed_labels",
    "missing_filled": "data_quality.value_completeness",
    "monotone": "robustness.monotonicity_violations",
    "regularised": "robustness.noise_consistency",
}


def refit(name, ground):
    remedies = refit_remedies((Aimed(REFITS[name]),), ground, Copies(Limits()))
    return next(one for one in remedies if one.name == name)


def spec():
    """As much of a model as is looked at before it is opened."""
    return SimpleNamespace(inputs=("age",))


@pytest.mark.parametrize("name", sorted(REFITS))
def test_without_training_rows_nothing_is_fitted(name):
    rows = block(labels(), labels(), scores(), groups={"sex": SEXES})

    assert learn(refit(name, Ground(roles=rows.roles)), rows) == NotTried(code="no_training_data")


@pytest.mark.parametrize("name", sorted(REFITS))
def test_without_a_model_nothing_is_fitted(name):
    rows = block(labels(), columns={"age": scores().tolist()}, groups={"sex": SEXES})
    ground = Ground(roles=rows.roles, training=rows)

    assert refit(name, ground).learn(ground) == NotTried(code="no_model")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("reweighing", "needs_classification"),
        ("without_contradictions", "needs_classification"),
        ("without_mislabelled", "needs_classification"),
        ("without_duplicates", "nothing_to_change"),
        ("missing_filled", "nothing_to_change"),
        ("monotone", "no_monotone"),
    ],
)
def test_a_model_of_amounts_is_not_fitted_to_what_needs_labels_or_changes_nothing(name, code):
    rows = block(scores(), columns={"age": scores().tolist()}, groups={"sex": SEXES}, task="regression", favourable=())
    ground = Ground(roles=rows.roles, training=rows, model=spec())

    assert refit(name, ground).learn(ground) == NotTried(code=code)


@pytest.mark.parametrize("name", ["reweighing", "exponentiated_gradient", "grid_search"])
@pytest.mark.parametrize(
    ("groups", "code"),
    [({}, "no_training_groups"), ({"sex": ["F"] * N}, "fewer_than_two_groups"),
     ({"sex": [None] * N}, "fewer_than_two_groups"), ({"sex": ["F"] * (N - 5) + ["M"] * 5}, "fewer_than_two_groups")],
)  # fmt: skip
def test_groups_that_training_rows_do_not_have_cannot_be_made_equal(name, groups, code):
    rows = block(labels(), columns={"age": scores().tolist()}, groups=groups)
    ground = Ground(roles=rows.roles, training=rows, model=spec())
    told = refit(name, ground).learn(ground)

    assert told.code == code
    assert (told.values == {"attributes": ["sex"]}) == (code == "no_training_groups")


@pytest.mark.parametrize("name", ["smoothing", "clipping", "refusal"])
@pytest.mark.parametrize("code", sorted(GROUNDS))
def test_inputs_are_not_changed_without_a_model_to_ask(name, code):
    (remedy,) = [one for one in input_remedies(Aimed("robustness.invalid_input_handling")) if one.name == name]

    assert learn(remedy, GROUNDS[code]()) == NotTried(code="no_model")


def test_answers_of_three_classes_are_not_smoothed():
    three = block([0, 1, 2], [0, 1, 2], np.full((3, 3), 1 / 3), columns={"a": [1.0, 2.0, 3.0]}, classes=(0, 1, 2),
                  task="multiclass", favourable=(1,))  # fmt: skip
    (remedy,) = input_remedies(Aimed("robustness.noise_consistency"))

    assert learn(remedy, three, ask=lambda _: None) == NotTried(code="needs_binary")


def test_a_column_of_one_value_cannot_be_shifted_by_a_share_of_its_spread():
    level = block([0, 1], [0, 1], scores(2), columns={"a": [3.0, 3.0], "b": [None, 1.0]})
    (remedy,) = input_remedies(Aimed("robustness.noise_consistency"))

    assert learn(remedy, level.where(np.array([False, True])), ask=lambda _: None).code == "no_numeric_features"


def test_two_remedies_cannot_be_combined_where_the_first_learnt_nothing():
    first = Remedy(name="first", acts_on="model", mends=("fairness.",), learn=lambda _: NotTried(code="no_model"))
    both = combined(Ran(id="R1", remedy=first), MAPPING["group_thresholds-demographic_parity"])

    assert learn(both, GROUNDS["no_scores"]()) == NotTried(code="no_rows")


def test_why_the_first_of_two_cannot_learn_anew_is_why_both_cannot():
    first = MAPPING["recalibration-platt-calibration.brier_score"]
    both = combined(Ran(id="R1", remedy=first), MAPPING["group_thresholds-demographic_parity"])

    assert learn(both, GROUNDS["one_class"]()) == NotTried(code="one_class")


def worded(code, lang, **values):
    why = Why.model_validate({"code": code, "with": values})
    remedy = RemedyTried(id="R1", name="threshold", acts_on="decisions", effort=1, state="not_tried", why=why)
    return why_text(remedy, words(lang))


WITH_VALUES = {
    "groups_too_small": {"minimum": 100},
    "fewer_than_two_groups": {"minimum": 30},
    "no_training_groups": {"attributes": ["sex"]},
}
UNTRIED = (
    "budget_spent", "fewer_than_two_groups", "groups_too_small", "interrupted", "needs_binary", "needs_classification",
    "no_declared_ranges", "no_favourable", "no_model", "no_monotone", "no_numeric_features", "no_rows", "no_scores",
    "no_training_data", "no_training_groups", "nothing_to_change", "one_class", "one_class_in_group",
)  # fmt: skip


@pytest.mark.parametrize("code", UNTRIED)
def test_every_reason_is_a_sentence_in_either_language(code):
    english, korean = (worded(code, lang, **WITH_VALUES.get(code, {})) for lang in ("en", "ko"))

    assert english != korean
    assert not {"{", "}"} & set(english + korean)
    assert any("가" <= letter <= "힣" for letter in korean)
    assert not any("가" <= letter <= "힣" for letter in english)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_whatever_ends_a_worker_is_a_reason_with_words(code, lang):
    values = dict.fromkeys(
        ("format", "types", "found", "what", "why", "next_step", "type", "message", "seconds", "mebibytes", "signal",
         "status", "tries"), "7",
    )  # fmt: skip

    assert worded(code, lang, **values)


@pytest.mark.parametrize("way", sorted(CURVES))
def test_every_way_to_recalibrate_is_there_for_all_rows_and_for_every_attribute(way):
    found = score_remedies(Aimed("calibration.brier_score", by=()), (("sex",), ("age",)))

    assert [one.options.get("attributes") for one in found if one.options["way"] == way] == [None, ["sex"], ["age"]]
