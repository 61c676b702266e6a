"""Declared in advance: the one number that each fault is looked for by, and where worse lies for every number."""

from benchmarks.planted_faults_measured import Number

# One principal number a fault, written down before the run.
NUMBERS: dict[str, Number] = {
    "group-biased labels": Number(check="fairness.selection_rate_ratio", worse="low", by="sensitive"),
    "target leakage": Number(check="leakage.single_feature_auc"),
    "train–test contamination": Number(check="leakage.training_overlap"),
    "label noise": Number(check="data_quality.disputed_labels"),
    "values missing by group": Number(check="data_quality.group_missing_gap", by="sensitive"),
    "unit slip": Number(check="drift.wasserstein_distance"),
    "covariate shift": Number(check="drift.population_stability_index"),
    "brittleness to noise": Number(check="robustness.noise_consistency", worse="low"),
    "miscalibration": Number(check="calibration.expected_calibration_error", options={"equal_mass": True}),
    "spurious feature": Number(check="drift.concept_shift"),
    "under-represented group": Number(check="data_quality.population_share_ratio", worse="low", by="sensitive"),
    "identifier leakage": Number(check="leakage.identifier_auc"),
    "memorisation": Number(check="privacy.membership_inference_auc"),
    "single-feature dependence": Number(check="explanation.largest_feature_share"),
    "proxy of a protected attribute": Number(check="fairness.proxy_auc", by="proxied"),
    "group-dependent threshold": Number(check="fairness.counterfactual_flip_rate", by="proxied"),
    "contradictory duplicates": Number(check="data_quality.contradictory_labels"),
    "renamed categories": Number(check="drift.new_categories"),
    "concept shift": Number(check="performance.roc_auc", worse="low"),
    "sentinel values": Number(check="data_quality.sentinel_values"),
}

# Checks whose smaller values are worse; of all others the larger ones are.
LOWER_IS_WORSE = frozenset(
    """
    calibration.brier_skill_score calibration.calibration_slope data_quality.feature_completeness
    data_quality.label_completeness data_quality.population_share_ratio data_quality.smallest_class_share
    data_quality.smallest_class_size data_quality.smallest_group_size data_quality.value_completeness
    explanation.attribution_stability explanation.deletion_gain fairness.equalized_odds_ratio
    fairness.false_negative_rate_ratio fairness.false_positive_rate_ratio fairness.positive_predictive_value_ratio
    fairness.scoring_rate_ratio fairness.selection_rate_ratio fairness.true_positive_rate_ratio performance.accuracy
    performance.average_precision performance.balanced_accuracy performance.better_than_incumbent
    performance.better_than_linear_model performance.better_than_majority performance.better_than_mean performance.f1
    performance.f1_macro performance.f1_weighted performance.matthews_correlation performance.precision
    performance.r2_score performance.recall performance.roc_auc performance.roc_auc_one_vs_rest
    performance.specificity privacy.k_anonymity privacy.l_diversity privacy.training_k_anonymity
    robustness.category_swap_consistency robustness.invalid_input_handling robustness.missing_value_consistency
    robustness.noise_consistency robustness.repeatability robustness.rounding_consistency
    robustness.spacing_consistency robustness.typo_consistency robustness.unit_slip_consistency
    robustness.unseen_category_consistency
    """.split()
)

# About a second each: measured on every control where a fault is looked for by it, else on the first ones; of the
# faults on its own alone.
COSTLY = frozenset(
    """
    data_quality.disputed_labels_difference data_quality.labels_disputed_by_linear_model drift.concept_shift
    drift.domain_classifier_auc fairness.proxy_auc
    """.split()
)
# Ten seconds: not measured here at all.
LEFT_OUT = frozenset({"robustness.attack_success_rate"})
