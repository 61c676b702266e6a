import json

import pytest

from reliability.cli import certify_cases
from reliability.words.text import words
from tests.certification.hub import SECRET, make_hub
from tests.certification.publishing_case import certified, named

KEY = "keys/register"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    hub = make_hub(tmp_path_factory.mktemp("hub") / "it")
    hub.number = certified(hub, named("온고을신용"))
    return hub


@pytest.fixture
def publish(run, hub, tmp_path, monkeypatch):
    """Run `reliability register publish` into a folder of one's own."""
    monkeypatch.setenv("PHRASE", SECRET)
    monkeypatch.setattr(certify_cases, "now", lambda: hub.now)  # when the hub's certificates are valid

    def command(*arguments, key=KEY, lang="en"):
        return run(
            "register", "publish", "--register", hub.register, "--key", hub.folder / key, "--out", tmp_path / "site",
            "--passphrase-env", "PHRASE", *arguments, lang=lang,
        )  # fmt: skip

    return command


def test_publishing_says_what_was_written_and_where(publish, hub, tmp_path):
    ran = publish("--json")
    told = json.loads(ran.out)

    assert (ran.status, ran.err) == (0, "")
    assert told["certificates"] == 1
    assert told["written"] == sum(path.is_file() for path in (tmp_path / "site").rglob("*"))
    assert (tmp_path / "site" / hub.number / "index.html").is_file()
    assert (tmp_path / "site" / "en" / hub.number / "index.html").is_file()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_publishing_again_says_that_little_was_written(publish, lang, tmp_path):
    first = json.loads(publish("--json").out)
    again = publish(lang=lang)
    told = words(lang).text("cli.register_publish.done", site=tmp_path / "site", certificates=1, rows=first["rows"],
                            believed=0, written=1, removed=0)  # fmt: skip

    assert again.status == 0
    assert told in again.out + again.err


@pytest.mark.parametrize(
    ("key", "status", "told"),
    [
        ("keys/seal", 4, "not for this kind of signature"), ("keys/jung", 4, "not for this kind of signature"),
        ("keys/nobody", 2, "nobody"),
    ],
)  # fmt: skip
def test_another_key_than_the_registers_is_refused_before_anything_is_written(publish, key, status, told, tmp_path):
    ran = publish(key=key)

    assert ran.status == status
    assert told in ran.err
    assert not (tmp_path / "site").exists()


def test_a_wrong_pass_phrase_publishes_nothing(publish, monkeypatch, tmp_path):
    monkeypatch.setenv("PHRASE", "some other words")

    assert publish().status == 2
    assert not (tmp_path / "site").exists()


def test_a_folder_with_something_else_is_left_alone(publish, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "letter.txt").write_text("mine")
    ran = publish(lang="ko")

    assert (ran.status, ran.out) == (2, "")
    assert "다른 폴더를 지정하십시오" in ran.err
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["letter.txt"]


def test_an_address_that_is_none_of_a_time_stamp_service_is_refused(publish, tmp_path):
    ran = publish("--stamp", "tsa.example.kr")

    assert ran.status == 2
    assert "time-stamp service" in ran.err
