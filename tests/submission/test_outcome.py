"""Whether predictions predict a column."""

import pytest

from reliability.submission.outcome import Matched, agreement


@pytest.mark.parametrize(
    ("rows", "predicted", "expected"),
    [
        ([1, 0, 1, 0], [1, 0, 1, 1], Matched(equal=True, share=0.75)),
        ([1, 0, 2, 0], [1, 0, 1, 0], Matched(equal=False, share=0.75)),
        ([1, 0], [2, 0], None),
        ([1, 0], [None, None], None),
        ([1, 0, 1], [1, None, 0], Matched(equal=True, share=0.5)),
        ([1, 0], ["1", 0.0], Matched(equal=True, share=1.0)),
        (["승인", "거절"], ["거절", "승인"], Matched(equal=True, share=0.0)),
    ],
)
def test_agreement_counts_equal_rows_when_every_predicted_value_occurs(rows, predicted, expected):
    values, answers = ([each for each in dict.fromkeys(some) if each is not None] for some in (rows, predicted))

    assert agreement(values, rows, answers, predicted) == expected


def test_agreement_of_rows_without_both_is_none_of_them():
    assert agreement([1, 0], [1], [1], [None]) == Matched(equal=False, share=0.0)


def test_equal_values_rank_before_any_share():
    assert Matched(equal=True, share=0.1) > Matched(equal=False, share=0.9)
