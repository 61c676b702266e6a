"""The comparison with peers compares like with like, and its page says where a promise is not kept."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from benchmarks import peers
from benchmarks.peers import HEADING, Compared, kept, section

KEPT, BROKEN = Compared(10_000, "A. rates", 200, 0.01, 3.0), Compared(1_000_000, "E. current", 20, 1.0, 14.4)


@pytest.fixture
def folder(tmp_path):
    """Rows such as the workload's, with both data sets, small."""
    for seed, where in enumerate((tmp_path / "rows", tmp_path / "rows" / peers.REFERENCE)):
        random, n = np.random.default_rng(seed), 3_000
        where.mkdir()
        table = pd.DataFrame({"age": random.normal(40, 9, n), "score": random.random(n)})
        for name, levels in (("sex", 2), ("race", 5), ("age_band", 4)):
            table[name] = np.array([f"{name}{level}" for level in range(levels)])[random.integers(0, levels, n)]
        table["y"] = (random.random(n) < table["score"]).astype("int64")
        table["yhat"] = (table["score"] > 0.35).astype("int64")
        peers.hand_in(table, where)
    return tmp_path / "rows"


def test_our_rates_are_those_of_metric_frame(folder):
    ours, theirs = peers.our_rates(folder)(), peers.fairlearn_groups(folder)()

    assert list(ours) == list(theirs) == peers.groupings()
    for by, frame in theirs.items():
        expected = frame["by_group"][["sel", "tpr", "fpr", "fnr", "prec", "n"]].to_numpy(float).T
        assert ours[by]["by_group"] == pytest.approx(expected)
        for name in ("difference", "ratio"):
            assert ours[by][name] == pytest.approx(
                frame[name][["sel", "tpr", "fpr", "fnr", "prec", "n"]].to_numpy(float)
            )


def test_our_jobs_measure_all_that_the_page_says(folder):
    classified = peers.JOBS["our_classification"](folder)()

    assert classified == 16
    assert peers.JOBS["our_classification_twice"](folder)() == 32
    # 14 checks of groups: 2, 5 and 4 levels, and their pairs.
    assert peers.JOBS["our_groups"](folder)() == 14 * (2 + 5 + 4 + 10 + 8 + 20)
    assert "all 14 checks" in peers.SIDES["B. rates with intervals"]
    assert "16 checks" in peers.SIDES["D. classification, both data sets"]


@pytest.mark.parametrize(("row", "kept"), [(KEPT, "yes"), (BROKEN, "**no**")])
def test_a_line_says_whether_the_promise_is_kept(row, kept):
    assert f"| {kept} |" in row.line()


def test_a_promise_that_is_met_exactly_is_kept():
    assert Compared(1, "x", 20, 1.0, 20.0).is_kept
    assert not Compared(1, "x", 20, 1.0, 19.99).is_kept


def test_the_page_names_what_is_not_kept_and_what_stands_on_either_side():
    page = section([KEPT, BROKEN])

    assert "\nNot kept: E. current at 1,000,000 rows (14).\n" in page
    assert "| 10,000 | A. rates | ≥ 200 | 300 | yes | 3 s / 0.01 s |\n" in page
    assert all(f"- **{what}**: {words}\n" in page for what, words in peers.SIDES.items())
    assert "Not kept" not in section([KEPT])


def test_sizes_that_were_not_measured_again_keep_their_lines_and_their_day():
    old = section([KEPT, BROKEN])
    page = f"# Benchmarks\n\n{old}\n## Another\n\n| 5 | x | y |\n"
    told = kept(page, HEADING, [KEPT.n])

    assert BROKEN.line() in told
    assert KEPT.line() not in told
    assert f"an earlier run on {date.today()}" in told
    assert "| 5 |" not in told
    assert kept(page, HEADING, [KEPT.n, BROKEN.n]) == kept("", HEADING, [KEPT.n]) == ""
    # Again: the lines that were kept are kept once more.
    assert kept(f"{section([KEPT])}{told}", HEADING, [KEPT.n]) == told
