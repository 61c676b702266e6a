import http.client
import time

import pytest

from reliability.signing.answers import within


def test_what_is_answered_in_time_is_handed_on():
    assert within(5, lambda: b"answer") == b"answer"
    assert within(5, lambda: None) is None


@pytest.mark.parametrize("seconds", [0.05, 0, -1])
def test_what_is_not_answered_in_time_is_not_waited_for(seconds):
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        within(seconds, lambda: time.sleep(2))
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("error", [ConnectionResetError(), http.client.BadStatusLine("x"), ValueError("large")])
def test_what_asking_raises_is_raised(error):
    def asked():
        raise error

    with pytest.raises(type(error)):
        within(5, asked)
