"""Whether rows stand in the order of their time, and how old the training data are beside the evaluation data."""

from reliability.checks.data_quality.files import WholeFile
from reliability.errors import NotMeasurable
from reliability.evidence.row_times import RowTimes
from reliability.records import Measurement


def rows_out_of_order(row_times: RowTimes) -> Measurement:
    """Share of rows whose time lies before that of the row before them.

    Parameters
    ----------
    row_times : RowTimes
        Times of the rows, as `data.time` names them.

    Returns
    -------
    Measurement
        Share of the rows that have a time, in [0, 1]; 0 for a file in order of time. Exact for the file as handed in:
        no interval.

    Raises
    ------
    NotMeasurable
        `no_time` where no column is declared, or fewer than two rows have a time that can be read: one is in order.

    Notes
    -----
    Neighbouring rows with a falling time / rows with a time; a time without an offset stands for UTC.
    `details.positions` has the first 20; `details.unread` counts the rows without a time, or with one written in no
    known way.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-1 (data record consistency).
    """
    _require_times(row_times, 2)
    late, positions = row_times.out_of_order()
    n = row_times.n - row_times.unread
    details = {"rows_found": late, "unread": row_times.unread, "positions": positions}
    return WholeFile(value=late / n, n=n, iso=("Con-ML-1",), details=details).measured()


def training_age(row_times: RowTimes, training_row_times: RowTimes) -> Measurement:
    """Days between the newest training row and the newest evaluation row.

    Parameters
    ----------
    row_times : RowTimes
        Times of the evaluation rows.
    training_row_times : RowTimes
        Times of the training rows.

    Returns
    -------
    Measurement
        Days; above 0 the evaluation data are newer. Exact for the files as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_time` where no column is declared, or no row of either file has a time that can be read.

    Notes
    -----
    Newest evaluation row - newest training row. No clock is read: how old either file is today is for people to say.
    `details` has the days that either file spans and the gap between them, which is negative where they overlap.

    References
    ----------
    ISO/IEC 5259-2:2024, Cur-ML-2 (record currentness).
    """
    for times in (row_times, training_row_times):
        _require_times(times, 1)
    details = {
        "days_spanned": row_times.newest - row_times.oldest,
        "training_days_spanned": training_row_times.newest - training_row_times.oldest,
        "gap": row_times.oldest - training_row_times.newest,
        "unread": row_times.unread,
        "training_unread": training_row_times.unread,
        "training_n": training_row_times.n,
    }
    return WholeFile(
        value=row_times.newest - training_row_times.newest,
        n=row_times.n - row_times.unread,
        iso=("Cur-ML-2",),
        details=details,
        unit="days",
    ).measured()


def _require_times(times: RowTimes, fewest: int) -> None:
    if times.n - times.unread < fewest:
        raise NotMeasurable("no_time")
