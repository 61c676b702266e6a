"""Which unit each check measures in, of a whole or of its groups, and where its numbers end of themselves."""

import math
from typing import TypeAlias

from reliability.records import Measurement

Ends: TypeAlias = tuple[float, float]

_UNITS = {
    "calibration.brier_skill_score": "dimensionless",
    "calibration.calibration_intercept": "dimensionless",
    "calibration.calibration_slope": "dimensionless",
    "calibration.expected_calibration_error": "score",
    "calibration.maximum_calibration_error": "score",
    "data_quality.constant_columns": "columns",
    "data_quality.group_missing_gap": "difference",
    "data_quality.identifier_columns": "columns",
    "data_quality.population_distance": "difference",
    "data_quality.smallest_class_size": "rows",
    "data_quality.smallest_group_size": "rows",
    "data_quality.training_age": "days",
    "drift.concept_shift": "dimensionless",
    "drift.cramers_v": "dimensionless",
    "drift.domain_classifier_auc": "auc",
    "drift.jensen_shannon_distance": "dimensionless",
    "drift.kolmogorov_smirnov_statistic": "dimensionless",
    "drift.label_drift": "dimensionless",
    "drift.period_label_drift": "dimensionless",
    "drift.period_stability_index": "index",
    "drift.population_stability_index": "index",
    "drift.prediction_drift": "dimensionless",
    "drift.wasserstein_distance": "dimensionless",
    "explanation.attribution_stability": "dimensionless",
    "explanation.deletion_gain": "difference",
    "explanation.permutation_importance": "difference",
    "explanation.unused_features": "columns",
    "fairness.barred_inputs": "columns",
    "fairness.between_group_generalized_entropy": "index",
    "fairness.generalized_entropy_index": "index",
    "fairness.mean_absolute_error_difference": "target",
    "fairness.mean_error_difference": "target",
    "fairness.mean_prediction_difference": "target",
    "fairness.proxy_auc": "auc",
    "fairness.theil_index": "index",
    "fairness.undeclared_grounds": "columns",
    "leakage.identifier_auc": "auc",
    "leakage.shared_entities": "entities",
    "leakage.single_feature_auc": "auc",
    "performance.average_precision": "score",
    "performance.better_than_incumbent": "difference",
    "performance.better_than_linear_model": "difference",
    "performance.better_than_majority": "difference",
    "performance.better_than_mean": "squared_target",
    "performance.brier_score": "score",
    "performance.f1": "score",
    "performance.f1_macro": "score",
    "performance.f1_weighted": "score",
    "performance.log_loss": "dimensionless",
    "performance.matthews_correlation": "dimensionless",
    "performance.mean_absolute_error": "target",
    "performance.median_absolute_error": "target",
    "performance.r2_score": "dimensionless",
    "performance.roc_auc": "auc",
    "performance.roc_auc_one_vs_rest": "auc",
    "performance.root_mean_squared_error": "target",
    "performance.segment_error_ratio": "ratio",
    "performance.segment_gap": "difference",
    "performance.weakest_slice": "difference",
    "privacy.identifier_columns": "columns",
    "privacy.k_anonymity": "rows",
    "privacy.l_diversity": "count",
    "privacy.membership_inference_auc": "auc",
    "privacy.training_identifier_columns": "columns",
    "privacy.training_k_anonymity": "rows",
    "robustness.accuracy_drop": "difference",
    "robustness.auc_drop": "difference",
}
# Groups compared by a ratio or a difference have a share each, but for these.
_OF_GROUPS = {
    "fairness.between_group_generalized_entropy": "index",
    "fairness.roc_auc_difference": "auc",
    "performance.segment_error_ratio": "ratio",
}
_SIGNED = (-math.inf, math.inf)
_POSITIVE = (0.0, math.inf)
_ENDS = {
    "share": (0.0, 1.0),
    "ratio": (0.0, 1.0),
    "auc": (0.0, 1.0),
    "probability": (0.0, 1.0),
    "difference": (0.0, 1.0),
    "score": (0.0, 1.0),
    "index": _POSITIVE,
    "rows": _POSITIVE,
    "count": _POSITIVE,
    "entities": _POSITIVE,
    "columns": _POSITIVE,
    "target": _POSITIVE,
}
_OWN_ENDS = {
    "calibration.brier_skill_score": (-math.inf, 1.0),
    "explanation.attribution_stability": (-1.0, 1.0),
    "explanation.deletion_gain": _SIGNED,
    "explanation.permutation_importance": _SIGNED,
    "fairness.calibration_difference": (0.0, 2.0),
    "performance.better_than_incumbent": (-1.0, 1.0),
    "performance.better_than_linear_model": (-1.0, 1.0),
    "performance.better_than_majority": (-1.0, 1.0),
    "performance.log_loss": _POSITIVE,
    "performance.matthews_correlation": (-1.0, 1.0),
    "performance.r2_score": (-math.inf, 1.0),
    "performance.segment_error_ratio": _POSITIVE,
    "performance.weakest_slice": (-1.0, 1.0),
    "robustness.accuracy_drop": (-1.0, 1.0),
    "robustness.auc_drop": (-1.0, 1.0),
}
_GROUP_ENDS = {
    "fairness.calibration_difference": (-1.0, 1.0),
    "fairness.mean_error_difference": _SIGNED,
    "fairness.mean_prediction_difference": _SIGNED,
    "performance.segment_error_ratio": _POSITIVE,
}


def unit_of_check(check: str) -> str:
    """The unit that a check measures in, before it has measured."""
    if check in _UNITS:
        return _UNITS[check]
    return next((unit for unit in ("difference", "ratio") if check.endswith(f"_{unit}")), "share")


def group_unit(found: Measurement) -> str:
    """The unit of the groups that a measurement compares."""
    own = "share" if found.unit in {"ratio", "difference"} else found.unit
    return _OF_GROUPS.get(found.check, own)


def ends(found: Measurement) -> Ends:
    """Between which numbers a measurement lies, whatever is measured; infinite where it has no end."""
    own = _OWN_ENDS.get(found.check)
    # Compared by squared errors, a baseline has no end on either side.
    return own if own and found.unit != "squared_target" else _ENDS.get(found.unit, _SIGNED)


def group_ends(found: Measurement) -> Ends:
    """Between which numbers a group's own value lies."""
    return _GROUP_ENDS.get(found.check) or _ENDS.get(group_unit(found), _SIGNED)
