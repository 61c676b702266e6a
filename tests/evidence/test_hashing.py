import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reliability.evidence.hashing import mixed, splitmix64, text_digest, text_digests


def test_mixed_gives_the_published_words_of_splitmix64():
    # The first outputs of SplitMix64 seeded with 0 (Vigna's reference code): the finaliser of multiples of gamma.
    gamma = np.uint64(0x9E3779B97F4A7C15)
    words = mixed(np.array([1, 2, 3], np.uint64) * gamma)

    assert [f"{word:016x}" for word in words.tolist()] == ["e220a8397b1dcdaf", "6e789e6aa1b965f4", "06c45d188009454f"]


def test_splitmix64_has_no_ties():
    assert len(np.unique(splitmix64(np.arange(100_000, dtype=np.uint64), key=0))) == 100_000


def test_splitmix64_is_even_in_its_bits():
    words = splitmix64(np.arange(20_000, dtype=np.uint64), key=1)
    ones = [float(np.mean((words >> np.uint64(bit)) & np.uint64(1))) for bit in range(64)]

    assert max(abs(share - 0.5) for share in ones) < 0.02


@given(st.integers(), st.integers())
def test_splitmix64_differs_by_key(first, second):
    words = [splitmix64(np.arange(4, dtype=np.uint64), key=key).tolist() for key in (first, second)]

    assert (words[0] == words[1]) == (first == second)


def test_text_digests_are_those_of_every_text():
    assert text_digests(["가", ""]).tolist() == [text_digest("가"), text_digest("")]
    assert text_digests([]).tolist() == []


@given(st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=30), st.integers())
def test_splitmix64_gives_every_counter_a_word_of_its_own(counters, key):
    words = splitmix64(np.array(counters, np.uint64), key=key)

    assert len(set(words.tolist())) == len(counters)
    assert words.dtype == np.uint64
    for counter, word in zip(counters, words.tolist(), strict=True):
        assert splitmix64(np.array([counter], np.uint64), key=key).tolist() == [word]


@given(st.text(max_size=20), st.text(max_size=20))
def test_text_digest_is_equal_for_equal_text_alone(first, second):
    assert (text_digest(first) == text_digest(second)) is (first == second)
    assert 0 <= text_digest(first) < 2**64


def test_text_digests_of_no_text_are_none():
    assert text_digests([]).shape == (0,)
    assert text_digests([]).dtype == np.uint64
