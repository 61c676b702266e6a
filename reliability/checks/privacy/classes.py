"""Whether quasi-identifiers such as age, sex and postcode single people out of the data."""

from typing import Any, NamedTuple

from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.quasi_classes import QuasiClasses
from reliability.records import Measurement, Reason

_WHOLE_FILE = Reason(code="whole_file")


def k_anonymity(quasi_classes: QuasiClasses) -> Measurement:
    """Rows in the smallest class of evaluation rows that are equal in every quasi-identifier.

    Parameters
    ----------
    quasi_classes : QuasiClasses
        Rows by their quasi-identifiers and target.

    Returns
    -------
    Measurement
        Rows, from 1; more is better. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_quasi_identifiers` or `no_rows`.

    Notes
    -----
    k = min over classes of their rows, over the columns in `data.quasi_identifiers` as they stand in the file; what is
    missing is a value of its own. Whoever knows these of a person finds at best k rows. A file that is a sample has
    smaller classes than the people it was drawn from: their k is no smaller.

    References
    ----------
    Sweeney, L. (2002), International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10, 557-570;
    ISO/IEC 20889:2018, 11.2 (K-anonymity model).
    """
    return _smallest_class(quasi_classes)


def training_k_anonymity(training_quasi_classes: QuasiClasses) -> Measurement:
    """Rows in the smallest class of training rows that are equal in every quasi-identifier.

    Parameters
    ----------
    training_quasi_classes : QuasiClasses
        Training rows by their quasi-identifiers and target.

    Returns
    -------
    Measurement
        Rows, from 1; more is better. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_quasi_identifiers` where the training data have none of them, or `no_rows`.

    Notes
    -----
    As `k_anonymity`, over the quasi-identifiers that the training data have.

    References
    ----------
    Sweeney, L. (2002), International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10, 557-570;
    ISO/IEC 20889:2018, 11.2 (K-anonymity model).
    """
    return _smallest_class(training_quasi_classes)


def rows_below_k(quasi_classes: QuasiClasses, *, k: AtLeastOne = 5) -> Measurement:
    """Share of evaluation rows in classes of fewer than k rows that are equal in every quasi-identifier.

    Parameters
    ----------
    quasi_classes : QuasiClasses
        Rows by their quasi-identifiers and target.
    k : int, default 5
        Rows, the row itself among them, that a class ought to have.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_quasi_identifiers` or `no_rows`.
    ChecklistError
        If `k` is below 1.

    Notes
    -----
    Rows in classes of fewer than k rows / rows. With k = 2: the rows that are alone.

    References
    ----------
    Sweeney, L. (2002), International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10, 557-570;
    ISO/IEC 20889:2018, 11.2 (K-anonymity model).
    """
    require_at_least("k", k, 1)
    found = _counted(quasi_classes, k=k)
    details = {**found.details(quasi_classes), "k": k, "rows_found": found.rows_below}
    return _exact(found.rows_below / quasi_classes.n, quasi_classes.n, "share", details)


def l_diversity(quasi_classes: QuasiClasses) -> Measurement:
    """Fewest distinct targets among evaluation rows that are equal in every quasi-identifier.

    Parameters
    ----------
    quasi_classes : QuasiClasses
        Rows by their quasi-identifiers and target.

    Returns
    -------
    Measurement
        Distinct targets, from 1; more is better. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_quasi_identifiers` or `no_rows`.

    Notes
    -----
    l = min over classes of the distinct targets of their rows (distinct l-diversity). With l = 1 whoever knows the
    quasi-identifiers of somebody in the file may know the target too, however many rows are equal; with two target
    classes l is 2 at most. `details.rows_found` counts the rows whose class has one target only.

    References
    ----------
    Machanavajjhala, A. et al. (2007), ACM Transactions on Knowledge Discovery from Data 1, article 3, definition 4.2;
    ISO/IEC 20889:2018, 11.2.3 (L-diversity).
    """
    found = _counted(quasi_classes)
    details = {**found.details(quasi_classes), "rows_found": found.rows_of_one_target}
    return _exact(found.fewest_targets, quasi_classes.n, "count", details)


class _Counted(NamedTuple):
    classes: int
    smallest: int
    fewest_targets: int
    rows_below: int
    rows_of_one_target: int

    def details(self, quasi_classes: QuasiClasses) -> dict[str, Any]:
        """What every check on classes says beside its number."""
        return {"quasi_identifiers": list(quasi_classes.columns), "classes": self.classes}


def _counted(quasi_classes: QuasiClasses, *, k: int = 2) -> _Counted:
    if not quasi_classes.columns:
        raise NotMeasurable("no_quasi_identifiers")
    if not quasi_classes.n:
        raise NotMeasurable("no_rows")
    parts = [
        _Counted(
            classes=len(rows),
            smallest=int(rows.min()),
            fewest_targets=int(targets.min()),
            rows_below=int(rows[rows < k].sum()),
            rows_of_one_target=int(rows[targets == 1].sum()),
        )
        for rows, targets in quasi_classes.classes()
    ]
    return _Counted(
        classes=sum(part.classes for part in parts),
        smallest=min(part.smallest for part in parts),
        fewest_targets=min(part.fewest_targets for part in parts),
        rows_below=sum(part.rows_below for part in parts),
        rows_of_one_target=sum(part.rows_of_one_target for part in parts),
    )


def _smallest_class(quasi_classes: QuasiClasses) -> Measurement:
    found = _counted(quasi_classes)
    details = {**found.details(quasi_classes), "rows_alone": found.rows_below}
    return _exact(found.smallest, quasi_classes.n, "rows", details)


def _exact(value: float, n: int, unit: str, details: dict[str, Any]) -> Measurement:
    return Measurement(value=value, n=n, unit=unit, method="exact", reason=_WHOLE_FILE, details=details)
