import socket
from pathlib import Path

import pytest

from reliability.worker import bait


def test_bait_can_be_reached_when_nothing_confines():
    with bait.laid_out() as laid:
        described = laid.described()

        assert Path(described["file"]).read_bytes() == b"canary"
        socket.create_connection(("127.0.0.1", described["port"]), timeout=1).close()
        assert laid.touched()


def test_bait_is_touched_when_the_abstract_socket_was():
    with bait.laid_out() as laid, socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect("\0" + laid.described()["socket"])

        assert laid.touched()


def test_bait_is_untouched_when_nobody_came():
    with bait.laid_out() as laid:
        assert not laid.touched()


def test_private_file_lies_at_home_and_is_for_its_owner():
    with bait.laid_out() as laid:
        file = Path(laid.file)

        assert file.parent == Path.home()
        assert file.stat().st_mode & 0o777 == 0o600
    assert not file.exists()


@pytest.mark.parametrize("home", ["/nowhere/at/all", "/proc"])
def test_private_file_lies_elsewhere_when_there_is_no_home(monkeypatch, home):
    monkeypatch.setenv("HOME", home)

    with bait.laid_out() as laid:
        assert Path(laid.file).read_bytes() == b"canary"
