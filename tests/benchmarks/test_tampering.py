"""The sweep of tampering tries what it says, and notices a change that is accepted."""

from collections import Counter

import pytest

from benchmarks import tampering
from benchmarks.tampering import Tried, anywhere, digits, page_of, tried
from tests.signing.sealed import hub, sealed
from tests.signing.tampered import place

KEPT = Tried(level="B-B", change="cut off", verdicts=Counter(signature_range=3), cpu_s=0.01)
BROKEN = Tried(level="B-T", change="bytes added", verdicts=Counter(accepted=1, pdf_unsigned=2), cpu_s=0.02)


def changed_places(files):
    return {at for file in files for at, (was, now) in enumerate(zip(sealed(), file, strict=True)) if was != now}


def test_every_digit_of_the_signature_and_its_room_is_changed(monkeypatch):
    first = place(sealed())[:60]
    monkeypatch.setattr(tampering.tampered, "place", lambda _: first)

    assert changed_places(digits(sealed())) == set(first)


def test_bytes_before_the_signature_are_drawn_and_all_behind_it_are_changed():
    behind = len(sealed()) - place(sealed()).stop

    assert sum(1 for _ in anywhere(sealed(), 3)) == 2 * (3 + behind)


def test_a_file_that_is_as_it_was_counts_as_accepted():
    found = tried("B-B", "none", [sealed(), sealed() + b"\n"], hub().trust)

    assert found.verdicts == {"accepted": 1, "signature_range": 1}


@pytest.mark.parametrize(("results", "told"), [([KEPT], "**0 of 3"), ([KEPT, BROKEN], "**1 of 6")])
def test_the_page_tells_what_was_accepted(results, told):
    text = page_of(results, {"B-B": 1000, "B-T": 2000})

    assert told in text
    assert "| B-B | cut off | 3 | 0 | `signature_range` 3 |" in text
