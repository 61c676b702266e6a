"""Who signed and when, as far as a trust file and a checkpoint tell."""

from datetime import timedelta

import pytest

from reliability.certification.signatures import seen_point, signer_point
from reliability.signing.trust import Trust, read_trust
from tests.certification import hub as made
from tests.certification.verified_hub import key_of

SIGNED = made.START + timedelta(hours=1)


@pytest.fixture(scope="module")
def trust(hub_template):
    return read_trust(hub_template.trust.read_bytes())


@pytest.fixture(scope="module")
def seal(hub_template):
    """The seal's certificates."""
    return key_of(hub_template, "seal")[1]


def test_a_signer_is_vouched_for_as_a_seal_only(hub_template, seal, trust):
    vouched = signer_point(seal, trust, at=SIGNED)

    assert (vouched.state, vouched.with_) == ("held", {"name": "Hub seal", "root": "Hub root"})
    for somebody in ("jung", "register"):
        assert signer_point(key_of(hub_template, somebody)[1], trust, at=SIGNED).state == "not_held"


def test_a_signer_is_vouched_for_by_a_root_that_is_trusted_and_while_it_is_valid(seal, trust):
    first, last = seal[0].not_valid_before_utc, seal[0].not_valid_after_utc
    moments = (first - timedelta(seconds=1), first, last, last + timedelta(seconds=1))

    assert [signer_point(seal, trust, at=at).state for at in moments] == ["not_held", "held", "held", "not_held"]
    assert signer_point(seal, Trust(roots=()), at=SIGNED).code == "signer_outside_trust"
    assert (signer_point(seal, None, at=SIGNED).state, signer_point(seal, None, at=SIGNED).code) == (
        "not_checked", "trust_missing",
    )  # fmt: skip


@pytest.mark.parametrize(("claimed", "seen", "state", "code"), [
    (0, 1, "held", "time_seen"), (0, 0, "held", "time_seen"), (1, 0, "not_held", "time_claimed_later"),
    (0, None, "not_held", "time_not_proven"), (0, 24 * 365 * 30, "not_held", "time_seen_late"),
])  # fmt: skip
def test_a_checkpoint_proves_a_time_if_it_saw_what_was_signed_while_the_seal_was_good(
    claimed, seen, state, code, seal, trust
):
    at = None if seen is None else SIGNED + timedelta(hours=seen)
    point = seen_point(seal, SIGNED + timedelta(hours=claimed), trust, seen=at, otherwise="time_not_proven")

    assert (point.state, point.code) == (state, code)


def test_without_a_trust_file_no_time_is_looked_at(seal):
    point = seen_point(seal, SIGNED, None, seen=SIGNED, otherwise="time_not_proven")

    assert (point.state, point.code) == ("not_checked", "trust_missing")
