"""Whatever is done to a signed certificate without its key: never in force, and nothing breaks."""

import random
from collections import Counter

import pytest

from reliability.certification.verifying_files import Given, verify
from tests.certification.verified_hub import issuer, paper, verified
from tests.signing import tampered

POSITIONS = 2000


@pytest.fixture(scope="module")
def alone():
    """Trust file and statement, and no register: no digest of the whole file helps."""
    return issuer().grounds(at_hand=None)


def verdicts(changed, grounds):
    """How often which verdict, of files that were changed."""
    return Counter(verified(content, grounds).verdict for content in changed)


def test_the_certificate_that_is_tampered_with_was_good(alone):
    assert verdicts([issuer().certificate], alone) == {"status_unknown": 1}
    assert verdicts([issuer().certificate], issuer().grounds()) == {"in_force": 1}


def test_no_flipped_byte_anywhere_is_genuine(alone):
    content = issuer().certificate
    token = tampered.token_place(content)
    drawn = [at for at in random.Random(1).sample(range(len(content)), POSITIONS) if at not in token]

    found = verdicts((tampered.other_byte(content, at, 1 << at % 8) for at in drawn), alone)

    assert found == {"not_genuine": len(drawn)}
    assert len(drawn) > 0.7 * POSITIONS


def test_no_flipped_digit_of_the_signature_is_genuine(alone):
    content = issuer().certificate
    digits = tampered.place(content)
    token = tampered.token_place(content)
    drawn = random.Random(2).sample(range(digits.start, token.start), 400)

    digit = verdicts((tampered.other_digit(content, at, 1 << at % 4) for at in drawn), alone)
    case = verdicts(filter(None, (tampered.other_case(content, at) for at in (*drawn, *token[::9]))), alone)
    padding = verdicts((tampered.other_digit(content, at, 1) for at in range(token.stop, digits.stop, 61)), alone)

    assert (set(digit), set(case), set(padding)) == ({"not_genuine"}, {"not_genuine"}, {"not_genuine"})


def test_no_flip_in_the_time_stamp_proves_a_time(alone):
    content = issuer().certificate
    drawn = random.Random(3).sample(tampered.token_place(content), 200)

    found = verdicts((tampered.other_digit(content, at, 1 << at % 4) for at in drawn), alone)

    assert set(found) == {"not_genuine", "time_unproven"}  # a certificate that nobody knows any more
    assert found["not_genuine"] > found["time_unproven"]


@pytest.mark.parametrize(
    "changes", [tampered.enlarged, tampered.with_range, tampered.updated, tampered.rewritten, tampered.reencoded]
)
def test_no_update_and_no_rewriting_is_genuine(changes, alone):
    for name, content in changes(issuer().certificate):
        found = verified(content, alone)
        assert found.exit == 4 or (found.exit == 2 and name == "signature taken out"), name


def test_no_shortened_file_is_genuine(alone):
    for name, content in tampered.cut_off(issuer().certificate, 60):
        assert verified(content, alone).exit in (2, 4), name


def test_no_file_signed_with_another_key_is_genuine(alone):
    from tests.signing import sealed

    theirs = sealed.sealed()  # a certificate of another hub, as good as ours for whoever trusts that

    for content in (tampered.resigned(theirs), tampered.forged(theirs), theirs):
        assert verified(content, alone).exit == 4


def test_with_the_register_at_hand_nothing_but_the_file_itself_is_entered():
    content, grounds = issuer().certificate, issuer().grounds()

    for changed in (content + b"\n", tampered.other_byte(content, 2000, 1), content[:-1]):
        assert verified(changed, grounds).exit == 4


def test_a_changed_statement_is_never_genuine():
    content, grounds = issuer().statement, issuer().grounds()
    drawn = random.Random(4).sample(range(len(content)), 300)

    found = verdicts((tampered.other_byte(content, at, 1 << at % 7) for at in drawn), grounds)

    assert set(found) == {"not_genuine", "unreadable"}  # unreadable where it is no statement any more


def test_a_changed_statement_takes_nothing_from_the_document_beside_it(alone):
    broken = paper(issuer().papers, "statement").replace(b'"sig":"M', b'"sig":"N', 1)

    given = [Given(name="certificate", what=issuer().certificate), Given(name="statement", what=broken)]
    certificate, statement = verify(given, alone).files

    assert (certificate.verdict, statement.exit) == ("status_unknown", 4)
