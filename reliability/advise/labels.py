"""Whether labels may carry the bias that is to be mended, and which gains rest on them."""

from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import ndtri

from reliability.blocks import Block
from reliability.errors import NotMeasurable
from reliability.intervals.comparisons import largest_difference

_SMALLEST = 30
_CONFIDENCE = 0.95
_OF_LABELS = ("performance.", "calibration.", "fairness.", "robustness.accuracy_drop", "robustness.auc_drop")
# Of decisions, scores or columns alone.
_WITHOUT_LABELS = (
    "fairness.selection_rate", "fairness.standardized_selection_rate", "fairness.mantel_haenszel",
    "fairness.scoring_rate", "fairness.mean_prediction", "fairness.counterfactual", "fairness.proxy_auc",
    "fairness.barred_inputs", "fairness.undeclared_grounds",
)  # fmt: skip


def rests_on_labels(check: str) -> bool:
    """Whether a check measures answers against labels."""
    return check.startswith(_OF_LABELS) and not check.startswith(_WITHOUT_LABELS)


def labels_may_be_biased(rows: Block) -> bool:
    """Whether labels are more favourable in one group than in another, by more than chance."""
    differ = _means_differ if rows.roles.task == "regression" else _shares_differ
    if rows.roles.task != "regression" and not rows.roles.favourable:
        return False
    labels = rows.y_true if rows.roles.task == "regression" else np.isin(rows.y_true, rows.roles.favourable)
    return any(differ(labels, rows.groups[name].codes) for name in rows.roles.sensitive)


def _shares_differ(good: Any, codes: Any) -> bool:
    n = np.bincount(codes[codes >= 0])
    hits = np.bincount(codes[(codes >= 0) & good], minlength=len(n))
    kept = n >= _SMALLEST
    try:
        return bool(kept.sum() > 1) and largest_difference(hits[kept], n[kept], confidence=_CONFIDENCE).low > 0
    except NotMeasurable:
        return False


def _means_differ(values: Any, codes: Any) -> bool:
    """Means of any two groups, by their standard errors at a confidence that holds for all pairs."""
    found = [values[codes == place] for place in np.unique(codes[codes >= 0])]
    pairs = list(combinations([one for one in found if len(one) >= _SMALLEST], 2))
    quantile = float(ndtri(1 - (1 - _CONFIDENCE) / 2 / max(len(pairs), 1)))
    return any(
        abs(one.mean() - other.mean()) > quantile * np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
        for one, other in pairs
    )
