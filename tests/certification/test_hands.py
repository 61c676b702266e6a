import os
import time

import pytest

from reliability.certification.hands import open_hands
from reliability.errors import UsageError


def doubled(number):
    return 2 * number


def slowly(number):
    time.sleep(0.3 if number == 0 else 0.0)
    return number, os.getpid()


def refused(number):
    raise UsageError("site_busy", "{path}: somebody else is publishing there just now", path=number)


def given(hands, function, n):
    """Everything that was made, in the order in which it was taken back."""
    made = [one for number in range(n) for one in hands.give(function, number)]
    return made + list(hands.rest())


@pytest.fixture(scope="module")
def two():
    with open_hands(2) as hands:
        yield hands


def test_one_hand_works_here_and_at_once():
    with open_hands(1) as hands:
        assert hands.give(slowly, 1) == [(1, os.getpid())]
        assert list(hands.rest()) == []


def test_several_hands_make_the_same_in_the_same_order(two):
    assert given(two, doubled, 20) == [doubled(number) for number in range(20)]


def test_what_takes_longer_keeps_its_place(two):
    made = given(two, slowly, 4)

    assert [number for number, _ in made] == [0, 1, 2, 3]
    assert os.getpid() not in {process for _, process in made}


def test_no_more_waits_than_the_hands_can_soon_do(two):
    ready = [len(two.give(doubled, number)) for number in range(10)]

    assert ready == [0] * 6 + [1] * 4
    assert len(list(two.rest())) == 6


def test_a_refusal_comes_back_as_it_was_raised(two):
    with pytest.raises(UsageError) as told:
        given(two, refused, 1)
    assert (told.value.code, told.value.values) == ("site_busy", {"path": 0})
