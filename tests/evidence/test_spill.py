import errno
import gc
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.errors import EnvironmentLacksError
from reliability.evidence.spill import BUCKETS, TemporaryWords, bucket_spans, leading_bytes, written


def random_words(n):
    return np.random.default_rng(0).integers(0, 2**64, (n, 3), np.uint64)


def test_run_gives_back_every_row_by_bucket():
    words, file = random_words(500), TemporaryWords()
    written(random_words(7), file)
    run = written(words, file)

    back = run.rows(0, BUCKETS)

    assert len(run) == 500
    assert sorted(back.tolist()) == sorted(words.tolist())
    assert (np.diff(back[:, 0] >> np.uint64(56)) >= 0).all()
    assert set((run.rows(10, 12)[:, 0] >> np.uint64(56)).tolist()) <= {10, 11}


def test_run_of_no_rows_gives_back_none():
    assert written(random_words(0), TemporaryWords()).rows(0, BUCKETS).shape == (0, 3)


def test_temporary_file_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = TemporaryWords()
    file.append(random_words(5))

    assert list(tmp_path.iterdir()) == []


def test_temporary_file_says_so_when_the_disk_is_full(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = TemporaryWords()
    monkeypatch.setattr(os, "pwrite", full)

    with pytest.raises(EnvironmentLacksError, match="No space left") as refused:
        file.append(random_words(5))
    assert refused.value.code == "temporary_space"


@pytest.mark.parametrize(
    ("sizes", "most", "spans"),
    [([1, 1, 1, 1], 2, [(0, 2), (2, 4)]), ([5, 1, 1], 2, [(0, 1), (1, 3)]), ([0, 0], 2, [(0, 2)])],
)
def test_bucket_spans_cover_every_bucket_within_the_budget(sizes, most, spans):
    assert list(bucket_spans(np.array(sizes), most)) == spans


rows_of_words = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 2**64 - 1), min_size=width, max_size=width), min_size=1, max_size=20)
)


@given(st.lists(rows_of_words, min_size=1, max_size=4))
def test_runs_in_one_file_stay_apart_whatever_their_width(runs):
    file = TemporaryWords()
    kept = [written(np.array(rows, np.uint64), file) for rows in runs]

    for run, rows in zip(kept, runs, strict=True):
        # Python's sort is stable, as the order within a bucket is.
        assert run.rows(0, BUCKETS).tolist() == sorted(rows, key=lambda row: row[0] >> 56)
        assert (len(run), run.width) == (len(rows), len(rows[0]))


@given(rows_of_words, st.integers(0, BUCKETS), st.integers(0, BUCKETS))
def test_a_span_of_buckets_holds_the_rows_that_begin_in_it(rows, one, other):
    first, last = sorted((one, other))
    run = written(np.array(rows, np.uint64), TemporaryWords())

    there = run.rows(first, last).tolist()

    assert sorted(there) == sorted(row for row in rows if first <= row[0] >> 56 < last)


@pytest.mark.parametrize("most", [1, 7, 8, 23])
def test_rows_are_whole_when_the_system_writes_and_reads_a_few_bytes_at_a_time(monkeypatch, most):
    pwrite, preadv = os.pwrite, os.preadv
    words = random_words(40)
    monkeypatch.setattr(os, "pwrite", lambda file, data, place: pwrite(file, data[:most], place))
    monkeypatch.setattr(os, "preadv", lambda file, views, place: preadv(file, [views[0][:most]], place))

    back = written(words, TemporaryWords()).rows(0, BUCKETS)

    assert sorted(back.tolist()) == sorted(words.tolist())


def test_threads_that_write_together_do_not_overwrite_each_other():
    file = TemporaryWords()
    pieces = [np.full((50, 2), place, np.uint64) for place in range(40)]

    with ThreadPoolExecutor(8) as pool:
        starts = list(pool.map(file.append, pieces))

    assert sorted(starts) == [place * 800 for place in range(40)]
    assert all((file.read(start, (50, 2)) == piece).all() for start, piece in zip(starts, pieces, strict=True))


def test_temporary_file_is_closed_with_the_last_run_that_lies_in_it():
    run = written(random_words(3), TemporaryWords())
    handle = run.file._file
    os.fstat(handle)

    del run
    gc.collect()

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)


@pytest.mark.parametrize(("word", "bucket"), [(0, 0), (2**56 - 1, 0), (2**56, 1), (2**63, 128), (2**64 - 1, 255)])
def test_bucket_is_the_leading_byte_of_the_first_word(word, bucket):
    assert leading_bytes(np.array([[word, 2**64 - 1 - word]], np.uint64)).tolist() == [bucket]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 20))
def test_spans_follow_each_other_and_break_the_budget_for_one_bucket_alone(sizes, most):
    spans = list(bucket_spans(np.array(sizes), most))

    assert [first for first, _ in spans] == [0, *(last for _, last in spans[:-1])]
    assert spans[-1][1] == len(sizes)
    for first, last in spans:
        held = sizes[first:last]
        assert sum(held) <= most or np.count_nonzero(held) == 1
