"""advice.json: what is written is what is read, the same bytes wherever it is made, and nothing else passes for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from reliability import resources
from reliability.advice import RECORD, Advice, read_advice
from reliability.advise.aims import UNMENDED
from reliability.errors import RecordError
from reliability.records import canonical_json
from tests.advise.planted import advised, case, handed_in

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = """\
import sys
from pathlib import Path
from reliability.records import Assessment, canonical_json
from reliability.submission.read import read_submission
from tests.advise.planted import advised
folder = Path(sys.argv[1])
assessment = Assessment.model_validate_json((folder / "case" / "assessment.json").read_bytes())
sys.stdout.buffer.write(canonical_json(advised(assessment, read_submission(folder), by="Kim")))
"""


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder, n=1_200)
    assessment = case(folder, submission)
    return folder, assessment, advised(assessment, submission, by="Kim")


@pytest.fixture
def record(given):
    return json.loads(canonical_json(given[2]))


def schema():
    return json.loads((resources.schemas() / "advice.schema.json").read_text(encoding="utf-8"))


def test_what_is_written_is_what_is_read(given, tmp_path):
    (tmp_path / RECORD).write_bytes(canonical_json(given[2]))

    assert read_advice(tmp_path) == read_advice(tmp_path / RECORD) == given[2]
    assert canonical_json(read_advice(tmp_path)) == canonical_json(given[2])


def test_it_is_of_the_shape_that_is_shipped(record):
    jsonschema.validate(record, schema())


@pytest.mark.parametrize("changed", [{"advice": 2}, {"score": 0.9}, {"seed": "x"}, {"finished": "yesterday"}])
def test_another_shape_is_refused_by_name(record, tmp_path, changed):
    (tmp_path / RECORD).write_text(json.dumps(record | changed), encoding="utf-8")

    with pytest.raises(RecordError, match="not advice of format 1") as caught:
        read_advice(tmp_path)
    assert caught.value.code == "bad_advice"
    assert caught.value.values["path"] == str(tmp_path / RECORD)


@pytest.mark.parametrize("left_out", ["case", "splits", "titles", "confidence", "finished"])
def test_what_may_not_be_left_out_is_asked_for(record, tmp_path, left_out):
    del record[left_out]
    (tmp_path / RECORD).write_text(json.dumps(record), encoding="utf-8")

    with pytest.raises(RecordError, match="Field required"):
        read_advice(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", "[" * 5_000, "NaN", "\ufeff{}"], ids=repr)
def test_what_is_no_record_is_refused(tmp_path, content):
    (tmp_path / RECORD).write_text(content, encoding="utf-8")

    with pytest.raises(RecordError, match="name the folder that 'advise' left"):
        read_advice(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smallest_group", {"slice": 1e308, "n": 3}), ("smallest_group", {"slice": {"sex": ["F"]}, "n": 3}),
        ("smallest_group", {"n": 3}), ("leading", {"criterion": "0", "by": [], "slice": {}}),
        ("leading", {"criterion": 0, "by": "sex", "slice": {}}), ("leading", {"criterion": 0, "by": [], "slice": 3}),
    ],
)  # fmt: skip
def test_groups_and_numbers_are_named_as_they_should_be(tmp_path, given, name, value):
    record = json.loads(canonical_json(given[2]))
    record["findings"][0][name] = value
    (tmp_path / RECORD).write_text(json.dumps(record), encoding="utf-8")

    with pytest.raises(RecordError, match=f"findings.0.{name}|is named by"):
        read_advice(tmp_path)


def test_a_number_that_no_float_holds_is_refused(tmp_path, given):
    record = json.loads(canonical_json(given[2]))
    record["confidence"] = 10**400
    (tmp_path / RECORD).write_text(json.dumps(record), encoding="utf-8")

    with pytest.raises(RecordError, match="finite"):
        read_advice(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / RECORD).write_bytes(b"\xff\xfe\x00")

    with pytest.raises(RecordError, match="not advice of format 1"):
        read_advice(tmp_path)


def test_where_there_is_none_the_system_says_so(tmp_path):
    with pytest.raises(RecordError, match="No such file"):
        read_advice(tmp_path)


def test_a_record_cannot_be_changed(given):
    with pytest.raises(ValueError, match="frozen"):
        given[2].seed = 5


def test_another_process_with_other_threads_and_hashes_leaves_the_same_bytes(given):
    folder, _, advice = given
    many = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(folder)], cwd=ROOT, capture_output=True, timeout=300, check=False,
        env=os.environ | many | {"PYTHONHASHSEED": "77"},
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stdout == canonical_json(advice)


def test_every_finding_that_is_no_pass_is_told_of_in_the_order_of_the_checklist(given):
    _, assessment, advice = given

    assert [one.item for one in advice.findings] == [
        one.item for one in assessment.findings if one.verdict in UNMENDED | {"not_assessed"}
    ]


def test_whatever_is_named_is_there(given):
    advice: Advice = given[2]
    ids = [one.id for one in advice.remedies]
    named = {each.remedy for one in advice.findings for each in one.confirmed}
    named |= {name for one in advice.findings for name in (*one.applicable, *one.passing)}
    named |= {name for one in advice.remedies for name in one.parts}
    named |= {point.remedy for one in advice.findings for point in one.trade_off} - {None}

    assert len(ids) == len(set(ids))
    assert named <= set(ids)
    told = {one.item for one in advice.findings} | {each.item for one in advice.findings for confirmed in one.confirmed
                                                    for each in confirmed.effects}  # fmt: skip
    assert set(advice.titles) == told


def test_a_state_says_what_became_of_a_remedy(given):
    advice = given[2]
    confirmed = {each.remedy for one in advice.findings for each in one.confirmed}

    for one in advice.remedies:
        assert (one.state == "confirmed") == (one.id in confirmed)
        assert (one.state == "not_tried") == (one.why is not None)


def test_rows_are_parted_without_rest(given):
    splits = given[2].splits

    assert splits.fit + splits.choose + splits.confirm == splits.of == 1_200
    assert (splits.training, splits.by_entity) == (0, False)


def test_remedies_of_a_finding_are_ranked_from_one_on_and_as_sure_as_so_many_ask_for(given):
    for one in given[2].findings:
        k = len(one.confirmed)
        assert [each.rank for each in one.confirmed] == list(range(1, k + 1))
        assert [each.confidence for each in one.confirmed] == pytest.approx([1 - 0.05 / max(k, 1)] * k)
        assert set(one.passing) == {each.remedy for each in one.confirmed if each.verdict_after == "pass"}


def test_no_point_told_to_be_on_the_front_is_the_worst_in_both(given):
    for one in given[2].findings:
        assert not one.trade_off or any(point.on_front for point in one.trade_off)
        assert [point.remedy for point in one.trade_off[:1]] in ([], [None])
