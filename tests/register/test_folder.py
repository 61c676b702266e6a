import json

import pytest

from reliability.errors import RecordError, UsageError
from reliability.register.folder import about_register, read_about, write_about
from tests.register.samples import REGISTER

SAID = {"format": 1, "register": REGISTER, "prefix": "JJ", "url": None}


@pytest.mark.parametrize("url", [None, "postgresql://kim@hub/register"])
@pytest.mark.parametrize("prefix", ["J", "JJ", "JBSA2026AI"])
def test_what_a_folder_says_reads_back(tmp_path, prefix, url):
    about = about_register(REGISTER, prefix, url)
    write_about(tmp_path, about)

    assert read_about(tmp_path) == about
    assert json.loads((tmp_path / "register.json").read_bytes()) == SAID | {"prefix": prefix, "url": url}


@pytest.mark.parametrize(
    "other",
    [{"format": 2}, {"register": "5E" * 16}, {"register": ""}, {"prefix": "jj"}, {"url": 1}, {"note": "x"}],
    ids=str,
)
def test_what_no_register_says_is_refused(tmp_path, other):
    (tmp_path / "register.json").write_text(json.dumps(SAID | other))

    with pytest.raises(RecordError) as raised:
        read_about(tmp_path)
    assert raised.value.code == "register_unreadable"


def test_a_file_is_no_folder_of_a_register(tmp_path):
    (tmp_path / "register").write_bytes(b"")

    with pytest.raises(UsageError) as raised:
        read_about(tmp_path / "register")
    assert raised.value.code == "register_missing"


def test_a_prefix_that_cannot_be_used_is_told_by_name():
    with pytest.raises(UsageError, match="'jbsa'"):
        about_register(REGISTER, "jbsa", None)
