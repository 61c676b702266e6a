import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import NotGenuineError, RecordError
from reliability.signing import authority, der
from reliability.signing.pdf_signature import read_signature
from reliability.signing.time_stamps import time_of
from reliability.signing.trust import Trust, make_trust
from tests.signing import stamping, tampered
from tests.signing.people import NOW, PASSPHRASE, certified
from tests.signing.sealed import a_hub, chain_in, hub, printed, sealed, stamped
from tests.signing.tampered import place, verdict

ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"B-B": sealed, "B-T": stamped}
FEW = 300


@pytest.fixture(params=LEVELS)
def content(request):
    return LEVELS[request.param]()


@pytest.fixture(scope="module")
def changed():
    """Changed files by the name of their change."""
    kinds = (tampered.enlarged, tampered.reencoded, tampered.updated, tampered.rewritten)
    return {name: file for changes in kinds for name, file in changes(stamped())}


def drawn(positions, n=FEW, seed=8):
    return sorted(random.Random(seed).sample(list(positions), min(n, len(positions))))


def verdicts(files):
    """What a reader makes of changed files; a warning on the way is an error, as in all tests."""
    return {name: verdict(content, hub().trust) for name, content in files}


# As it was signed


def test_a_certificate_as_it_was_issued_is_accepted(content):
    assert verdict(content, hub().trust) == "accepted"


def test_the_signature_says_who_when_and_how(content):
    found = read_signature(content)

    assert found.chain == hub().chain("seal")[:2]
    assert found.claimed == NOW
    assert (found.level, found.token is None) == (("B-B", True) if content == sealed() else ("B-T", False))


def test_what_is_stamped_is_the_signature():
    found = read_signature(stamped())

    assert time_of(found.token, found.stamped, hub().trust).at == stamping.STAMPED


def test_the_signature_is_written_in_upper_case_and_the_rest_is_zeros(content):
    digits = content[place(content).start : place(content).stop]
    written = bytes.fromhex(digits.decode())

    assert digits == digits.upper()
    assert set(written[der.first_length(written) :]) == {0}


def test_the_signature_is_of_the_fixed_profile():
    written = bytes.fromhex(sealed()[place(sealed()).start : place(sealed()).stop].decode())
    data = cms.ContentInfo.load(written)["content"]
    (signer,) = data["signer_infos"]

    assert data["version"].native == "v1"
    assert signer["version"].native == "v1"
    assert signer["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    assert sorted(one["type"].native for one in signer["signed_attrs"]) == [
        "content_type", "message_digest", "signing_certificate_v2",
    ]  # fmt: skip
    assert len(data["certificates"]) == 2
    assert data["crls"].native is None
    assert signer["unsigned_attrs"].native is None


def test_it_is_as_genuine_in_another_zone_and_decades_later(tmp_path):
    """Nothing here asks for the day: the archived trust file, the file and its time stamp are all that counts."""
    (tmp_path / "certificate.pdf").write_bytes(stamped())
    archived = replace(hub().trust, archived=NOW + timedelta(days=3650))
    (tmp_path / "trust.json").write_bytes(
        make_trust(archived, hub().key("root"), hub().trust.roots[0], now=NOW + timedelta(days=3650))
    )
    asked = """from pathlib import Path
from reliability.signing.pdf_signature import read_signature
from reliability.signing.time_stamps import time_of
from reliability.signing.trust import read_trust
trust, found = read_trust(Path("trust.json").read_bytes()), read_signature(Path("certificate.pdf").read_bytes())
at = time_of(found.token, found.stamped, trust).at
print(at, found.claimed, len(trust.path(found.chain, kind="seal", at=at)))"""
    said = {
        zone: subprocess.run(
            [sys.executable, "-c", asked], cwd=tmp_path, env={"TZ": zone, "PYTHONPATH": str(ROOT)}, text=True,
            capture_output=True, check=True,
        ).stdout
        for zone in ("Asia/Seoul", "Pacific/Kiritimati", "America/Adak")
    }  # fmt: skip

    assert set(said.values()) == {"2026-11-28 09:00:05+00:00 2026-11-28 09:00:00+00:00 3\n"}


# Changed without the key


def test_no_changed_digit_of_the_signature_is_accepted(content):
    digits = content[place(content).start : place(content).stop]
    written = place(content)[: 2 * der.first_length(bytes.fromhex(digits.decode()))]
    changed = ((at, tampered.other_digit(content, at, 1 << at % 4)) for at in drawn(written))

    assert "accepted" not in verdicts(changed).values()


def test_only_a_change_inside_the_token_leaves_the_signature_genuine():
    token = tampered.token_place(stamped())
    around = [*range(token.start - 200, token.start), *range(token.stop, token.stop + 200)]
    inside = verdicts((at, tampered.other_digit(stamped(), at, 1)) for at in drawn(token))
    outside = verdicts((at, tampered.other_digit(stamped(), at, 1)) for at in around)

    assert set(inside.values()) <= {"time_not_proven", "signature_form"}
    assert "time_not_proven" in inside.values()
    assert {"accepted", "time_not_proven"}.isdisjoint(outside.values())


def test_no_digit_of_the_room_that_is_left_is_free(content):
    room = range(place(content).stop - 2000, place(content).stop)
    found = verdicts((at, tampered.other_digit(content, at, 1 + at % 15)) for at in drawn(room))

    assert set(found.values()) == {"signature_padding"}


def test_no_digit_may_be_in_lower_case(content):
    changed = ((at, tampered.other_case(content, at)) for at in place(content))
    found = verdicts([(at, file) for at, file in changed if file is not None][::7])

    assert len(found) > 100
    assert set(found.values()) == {"signature_padding"}


def test_no_other_byte_of_the_file_is_free(content):
    outside = [*drawn(range(place(content).start - 1)), *drawn(range(place(content).stop, len(content)))]
    found = verdicts((at, tampered.other_byte(content, at, 1 + at % 255)) for at in outside)

    assert {"accepted", "time_not_proven", "pdf_unsigned", "pdf_unreadable"}.isdisjoint(found.values())
    assert "file_changed" in found.values()


@pytest.mark.parametrize(
    "changes", [tampered.enlarged, tampered.with_range, tampered.updated, tampered.rewritten, tampered.reencoded]
)
def test_no_other_change_is_accepted(content, changes):
    files = dict(changes(content))
    found = verdicts(files.items())

    assert len(files) > 7
    assert content not in files.values()
    assert {"accepted", "time_not_proven"}.isdisjoint(found.values())
    assert {code for code in found.values() if code.startswith("pdf_")} <= {"pdf_unsigned"}


def test_a_file_that_was_cut_off_is_not_accepted(content):
    found = verdicts(tampered.cut_off(content, 40))

    assert set(found.values()) <= {"pdf_unsigned", "signature_range", "signature_damaged"}
    assert found[f"cut off after {len(content) - 1} bytes"] == "signature_range"


def test_the_encodings_that_are_refused_differ_from_ours_in_what_they_say_only():
    """A signature that is read and written again by another program, without any change, is ours."""
    written = bytes.fromhex(stamped()[place(stamped()).start : place(stamped()).stop].decode())
    whole = written[: der.first_length(written)]

    assert tampered._rewritten(stamped(), whole, lambda data: None) == stamped()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("a line appended", "signature_range"), ("the file itself appended", "signature_several"),
        ("twin signature", "signature_form"), ("root added", "signature_form"), ("attribute added", "signature_form"),
        ("something behind", "signature_padding"), ("update: page content", "signature_range"),
        ("update: second signature", "signature_several"), ("attachment swapped", "signature_damaged"),
    ],
)  # fmt: skip
def test_a_change_is_called_by_its_name(changed, change, code):
    with pytest.raises(NotGenuineError) as refused:
        read_signature(changed[change])

    assert (refused.value.code, refused.value.exit_status) == (code, 4)


# Signed by somebody else


def test_another_certificate_s_signature_does_not_fit():
    other = hub().signed(printed().replace(b"%%EOF", b"%%EOF\n%"))
    digits = sealed()[place(sealed()).start : place(sealed()).stop]
    moved = tampered.with_digits(other, digits)

    assert verdict(moved, hub().trust) == "file_changed"


def test_a_signature_of_another_key_beside_the_seal_s_certificate_is_false():
    assert verdict(tampered.resigned(sealed()), hub().trust) == "signature_false"


def test_a_certificate_that_says_what_the_seal_s_says_and_nobody_issued_does_not_count():
    assert verdict(tampered.forged(sealed()), hub().trust) == "signer_chain"


def test_a_record_that_another_hub_signs_anew_is_outside_the_trust(tmp_path):
    other = a_hub(tmp_path)

    assert verdict(other.signed(printed()), hub().trust) == "signer_outside_trust"
    assert verdict(other.signed(printed()), other.trust) == "accepted"


@pytest.mark.parametrize("name", ["person", "register"])
def test_somebody_else_of_the_hub_does_not_seal(name):
    assert verdict(hub().signed(printed(), name), hub().trust) == "signer_purpose"


def test_a_seal_that_ran_out_or_was_taken_back_does_not_count(tmp_path):
    hub = a_hub(tmp_path)
    certified(tmp_path, hub.issuing, "seal", "short", days=10)
    serial = authority.serial_of(hub.chain("seal")[0])
    authority.revoke(hub.issuing, serial, "key_compromise", PASSPHRASE, now=NOW)
    trust = Trust(roots=hub.trust.roots, revocations=tampered.revoked(hub.issuing))

    assert verdict(hub.signed(printed(), "seal"), trust) == "signer_revoked"
    assert verdict(hub.signed(printed(), "short"), trust) == "accepted"
    assert verdict(hub.signed(printed(), "short", at=NOW + timedelta(days=11)), trust) == "signer_expired"
    assert chain_in(tmp_path / "short")[1:] == hub.chain("seal")[1:]


# Not signed at all


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "pdf_unreadable"),
        (b"PK\x03\x04", "pdf_unreadable"),
        (b"{}", "pdf_unreadable"),
        (b"%PDF-1.7", "pdf_unsigned"),
    ],
)
def test_what_nobody_signed_is_told_apart(content, code):
    with pytest.raises(RecordError) as refused:
        read_signature(content)

    assert refused.value.code == code


def test_a_printed_certificate_is_not_signed():
    with pytest.raises(RecordError) as refused:
        read_signature(printed())

    assert (refused.value.code, refused.value.exit_status) == ("pdf_unsigned", 2)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=100))
def test_no_bytes_around_the_words_of_a_signature_make_it_fail(before, after):
    words = b"%PDF-1.7\n1 0 obj\n<</Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <"
    head = words + before.hex().upper().encode() + b">"
    tail = (
        b"/ByteRange [0 %d %d %d] /Filter /Adobe.PPKLite /TransformMethod /DocMDP /P 1 /M (D:20260101000000Z)\nendobj"
    )
    rest = next(n for n in range(1000) if len(tail % (len(words) - 1, len(head), n)) + len(after) == n)
    found = verdict(head + tail % (len(words) - 1, len(head), rest) + after, hub().trust)

    assert found in ("signature_padding", "signature_form", "signature_several")
