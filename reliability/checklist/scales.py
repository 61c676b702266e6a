"""What each check can measure, and which way is better: what a limit has to fit if it is meant.

A check says the same in its docstring, under Returns; a test holds every check of the catalogue to both.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

Better: TypeAlias = Literal["more", "less", "either"]
# In what a limit is thought of: percentage points, the smaller rate over the larger one, or else.
Unit: TypeAlias = Literal["points", "ratio", "other"]
# What a rule can look at: the interval of an estimate; that, or the value as it stands; the value of the files as they
# were handed in, whatever the rule; a count that only rules on the value can judge; nothing, for want of an interval.
Compared: TypeAlias = Literal["interval", "either", "files", "count", "never"]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Least and greatest value of a check, infinite where it has none; which way is better; what a rule can look at.

    `only_with` names an option and the one setting with which anything can be judged.
    """

    low: float = -math.inf
    high: float = math.inf
    better: Better = "either"
    unit: Unit = "other"
    compared: Compared = "interval"
    only_with: tuple[str, Any] | None = None

    def judges(self, settings: Mapping[str, Any]) -> bool:
        """Whether anything can be judged with these options."""
        if self.only_with is None:
            return self.compared != "never"
        option, setting = self.only_with
        return bool(settings.get(option, setting) == setting)


_MORE = Scale(low=0, high=1, better="more")
_LESS = Scale(low=0, high=1, better="less")
_RATIO = replace(_MORE, unit="ratio")
_GAP = replace(_LESS, unit="points")
_AMOUNT = Scale(low=0, better="less")
_FILE_MORE, _FILE_LESS, _FILE_GAP, _FILE_COUNT = (
    replace(one, compared="files") for one in (_MORE, _LESS, _GAP, _AMOUNT)
)
_FILE_ROWS = Scale(low=0, better="more", compared="files")

# One scale, then the checks of it by family; what has a scale of its own stands below.
_ALIKE: Mapping[Scale, Mapping[str, str]] = {
    _MORE: {
        "performance": """accuracy average_precision balanced_accuracy f1 f1_macro f1_weighted precision recall roc_auc
            roc_auc_one_vs_rest specificity""",
        "robustness": """category_swap_consistency invalid_input_handling missing_value_consistency noise_consistency
            rounding_consistency spacing_consistency typo_consistency unit_slip_consistency
            unseen_category_consistency""",
    },
    _LESS: {
        "calibration": "maximum_calibration_error",
        "data_quality": "disputed_labels labels_disputed_by_linear_model",
        "drift": """cramers_v domain_classifier_auc jensen_shannon_distance kolmogorov_smirnov_statistic label_drift
            period_label_drift prediction_drift""",
        "explanation": "largest_feature_share",
        "fairness": "counterfactual_flip_rate proxy_auc",
        "leakage": "identifier_auc near_overlap",
        "performance": "brier_score",
        "privacy": "membership_inference_auc membership_inference_tpr",
        "robustness": "attack_success_rate monotonicity_violations",
    },
    _GAP: {
        "data_quality": "disputed_labels_difference population_distance",
        "fairness": """equalized_odds_difference false_negative_rate_difference false_positive_rate_difference
            positive_predictive_value_difference roc_auc_difference selection_rate_difference
            standardized_selection_rate_difference true_positive_rate_difference""",
        "performance": "segment_gap",
    },
    _RATIO: {
        "fairness": """equalized_odds_ratio false_negative_rate_ratio false_positive_rate_ratio
            mantel_haenszel_selection_ratio positive_predictive_value_ratio scoring_rate_ratio selection_rate_ratio
            true_positive_rate_ratio""",
    },
    _AMOUNT: {
        "drift": "period_stability_index population_stability_index wasserstein_distance",
        "fairness": """generalized_entropy_index mean_absolute_error_difference mean_error_difference
            mean_prediction_difference theil_index""",
        "performance": "mean_absolute_error median_absolute_error root_mean_squared_error segment_error_ratio",
    },
    _FILE_MORE: {"data_quality": "feature_completeness label_completeness smallest_class_share value_completeness"},
    _FILE_LESS: {
        "data_quality": """contradictory_labels dependency_violations duplicate_rows missing_spellings mixed_types
            near_equal_spellings outlying_values rows_out_of_order schema_violations sentinel_values
            special_characters""",
        "drift": "new_categories",
        "leakage": "future_rows training_overlap",
        "privacy": "rows_below_k",
    },
    _FILE_ROWS: {"data_quality": "smallest_class_size smallest_group_size"},
    replace(_FILE_ROWS, low=1): {"privacy": "k_anonymity l_diversity training_k_anonymity"},
    _FILE_COUNT: {
        "data_quality": "constant_columns identifier_columns",
        "fairness": "barred_inputs undeclared_grounds",
        "leakage": "shared_entities",
        "privacy": "identifier_columns training_identifier_columns",
    },
    # Without an end above or below where the task is regression, or the answer is a value.
    Scale(better="more"): {
        "explanation": "deletion_gain",
        "performance": "better_than_incumbent better_than_linear_model better_than_mean",
    },
    Scale(): {
        "calibration": "calibration_intercept calibration_slope",
        "explanation": "permutation_importance",
    },
    replace(_GAP, low=-1): {"performance": "weakest_slice", "robustness": "accuracy_drop auc_drop"},
    Scale(high=1, better="more"): {"calibration": "brier_skill_score", "performance": "r2_score"},
}
_OWN = {
    "calibration.expected_calibration_error": replace(_LESS, only_with=("power", 1)),
    "data_quality.group_missing_gap": _FILE_GAP,
    "data_quality.population_share_ratio": replace(_RATIO, compared="files"),
    "data_quality.training_age": Scale(compared="files"),
    "drift.concept_shift": Scale(better="less"),
    "explanation.attribution_stability": replace(_MORE, low=-1),
    "explanation.unused_features": replace(_AMOUNT, compared="count"),
    "fairness.between_group_generalized_entropy": replace(_AMOUNT, compared="never"),
    "fairness.calibration_difference": replace(_GAP, high=2),
    "leakage.single_feature_auc": replace(_LESS, low=0.5),
    "performance.better_than_majority": replace(_MORE, low=-1, unit="points"),
    "performance.log_loss": replace(_LESS, high=36.05),
    "performance.matthews_correlation": replace(_MORE, low=-1),
    "robustness.repeatability": replace(_MORE, compared="either"),
}
SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        f"{family}.{name}": scale
        for scale, families in _ALIKE.items()
        for family, names in families.items()
        for name in names.split()
    }
    | _OWN
)
