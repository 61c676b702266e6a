"""Rows that occur more than once, and what they say of the target."""

from reliability.checks.data_quality.files import WholeFile, require_rows_and_features
from reliability.evidence.row_digests import Repeats, RowDigests
from reliability.records import Measurement


def duplicate_rows(row_digests: RowDigests) -> Measurement:
    """Share of rows that repeat an earlier row.

    Parameters
    ----------
    row_digests : RowDigests
        Digests of every row's features and target.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    Rows with the features and target of a row before them / rows; row ids, times and sensitive columns that are
    no features do not count. `details.positions` has the first 20.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-1 (data record consistency).
    """
    require_rows_and_features(row_digests.n, row_digests.roles.features)
    return _share_of_rows(row_digests.duplicates(), row_digests.n, "Con-ML-1")


def contradictory_labels(row_digests: RowDigests) -> Measurement:
    """Share of rows whose features equal another row's while the target differs.

    Parameters
    ----------
    row_digests : RowDigests
        Digests of every row's features, with and without the target.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    Rows in sets of equal features that hold more than one target / rows. `details.positions` has the first 20.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-2 (data label consistency).
    """
    require_rows_and_features(row_digests.n, row_digests.roles.features)
    return _share_of_rows(row_digests.contradictions(), row_digests.n, "Con-ML-2")


def _share_of_rows(repeats: Repeats, n: int, iso: str) -> Measurement:
    details = {"rows_found": repeats.n, "positions": list(repeats.positions)}
    return WholeFile(value=repeats.n / n, n=n, iso=(iso,), details=details).measured()
