"""The comparison of data quality and drift with peers: what stands on our side, and what the page says."""

import pytest

from benchmarks import peers, peers_data
from benchmarks.peers import WORKLOAD, Compared


@pytest.fixture
def folder(tmp_path):
    if not WORKLOAD.is_dir():
        pytest.skip("no bench under ../shared")
    peers_data.write_both(tmp_path / "rows", 300)
    return tmp_path / "rows"


def test_our_side_measures_what_the_page_says(folder):
    assert peers_data.JOBS["our_drift"](folder)() >= 7
    assert peers_data.JOBS["our_quality"](folder)() >= 10


def test_the_page_says_where_a_promise_is_not_kept():
    rows = [Compared(1_000_000, "F. drift", 10, 1.0, 25.0), Compared(1_000_000, "G. data quality", 10, 1.0, 9.0)]
    text = peers_data.section(rows)

    assert text.startswith(peers_data.HEADING)
    assert "| 1,000,000 | F. drift | ≥ 10 | 25 | yes | 25 s / 1 s |" in text
    assert "| 1,000,000 | G. data quality | ≥ 10 | 9 | **no** | 9 s / 1 s |" in text


def test_both_comparisons_run_by_one_command_line():
    for one in (peers.COMPARING, peers_data.COMPARING):
        assert isinstance(one, peers.Comparing)
        assert one.jobs
    assert peers.COMPARING.heading != peers_data.COMPARING.heading
