"""Checks that no coverage simulation speaks of, and why."""

_WHOLE = "exact for the files as handed in: no interval"

WITHOUT: dict[str, str] = {
    "data_quality.contradictory_labels": _WHOLE,
    "data_quality.duplicate_rows": _WHOLE,
    "data_quality.group_missing_gap": _WHOLE,
    "data_quality.schema_violations": _WHOLE,
    "data_quality.smallest_group_size": _WHOLE,
    "data_quality.value_completeness": _WHOLE,
    "leakage.shared_entities": _WHOLE,
    "leakage.single_feature_auc": "the largest of many: reported, no interval",
    "leakage.training_overlap": _WHOLE,
    "fairness.barred_inputs": _WHOLE,
    "fairness.between_group_generalized_entropy": "near 0 like a chi-square variable: reported, no interval",
    "fairness.counterfactual_flip_rate": "Clopper-Pearson of a share of sampled rows, as `robustness.repeatability`",
    "fairness.proxy_auc": "interval of `performance.roc_auc`; that scores come from five folds of one forest is not "
    "simulated (250 trees a draw)",
    "fairness.undeclared_grounds": _WHOLE,
    "performance.better_than_linear_model": "intervals of `performance.better_than_incumbent`, the line taken as it is",
}
