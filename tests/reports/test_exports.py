import os
import subprocess
import sys
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from reliability.records import Assessment, canonical_json
from reliability.reports.exports import EXPORTS, exported
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment
from tests.reports.test_tables import of_small_groups
from tests.reports.worst import worst

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import hashlib, sys
from pathlib import Path
from reliability.records import Assessment
from reliability.reports.exports import EXPORTS, exported
from reliability.words.text import words
record = Assessment.model_validate_json(Path(sys.argv[1]).read_bytes())
for form in EXPORTS:
    print(form, hashlib.sha256(exported(record, form, words("ko"))).hexdigest())
"""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", EXPORTS)
def test_record_read_back_gives_the_same_bytes(form, lang):
    record = assessment()
    again = Assessment.model_validate_json(canonical_json(record))

    assert exported(record, form, words(lang)) == exported(again, form, words(lang))


def test_other_processes_time_zones_and_xml_libraries_give_the_same_bytes(tmp_path):
    (tmp_path / "assessment.json").write_bytes(canonical_json(assessment()))
    told = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "assessment.json")],
            check=True, capture_output=True, cwd=ROOT, env=os.environ | environment,
        ).stdout
        for environment in (
            {"TZ": "Asia/Seoul", "PYTHONHASHSEED": "1", "OPENPYXL_LXML": "True"},
            {"TZ": "America/New_York", "PYTHONHASHSEED": "2", "OPENPYXL_LXML": "False"},
        )
    }  # fmt: skip

    assert len(told) == 1
    assert len(told.pop().splitlines()) == len(EXPORTS)


@pytest.mark.parametrize("form", EXPORTS)
def test_languages_give_other_words(form):
    assert exported(assessment(), form, words("ko")) != exported(assessment(), form, words("en"))


@pytest.mark.parametrize("form", ["junit", "csv", "cyclonedx"])
@pytest.mark.parametrize("figure", [b"0.777", b"0.888"])
def test_figures_of_small_groups_leave_in_no_format(form, figure):
    assert figure not in exported(of_small_groups(), form, words("en"))


@pytest.fixture(scope="module")
def hostile():
    return worst()


@pytest.mark.parametrize("form", ["junit", "csv", "cyclonedx"])
def test_raw_control_and_direction_characters_leave_in_no_format(form, hostile):
    text = exported(hostile, form, words("ko")).decode("utf-8-sig")

    assert [one for one in "\x00\x1b\u202e\u2066" if one in text] == []


@pytest.mark.parametrize("form", ["junit", "cyclonedx"])
def test_moment_is_written_in_utc_whatever_zone_the_record_holds(form):
    dates = assessment().dates
    seoul = dates.model_copy(update={"finished": dates.finished.astimezone(timezone(timedelta(hours=9)))})
    written = exported(assessment(dates=seoul), form, words("en"))

    assert b'"2026-11-20T05:00:00Z"' in written
