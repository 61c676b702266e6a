import json
import signal

import jsonschema
import pytest
from rich.cells import cell_len

from reliability import resources
from reliability.advice import Engagement, Why
from reliability.certification.engagements import read_engagements
from reliability.cli.advice import _other_level, append_engagement, on_stopping, show_advice
from reliability.errors import RecordError
from reliability.records import canonical_json
from reliability.words.text import words
from tests.advise.planted import case, handed_in
from tests.reports.advised import FINDINGS, REMEDIES, advice


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("advised")
    submission = handed_in(folder, n=6_000)
    case(folder, submission)
    return folder


@pytest.fixture
def arguments(given, tmp_path):
    return ("advise", given / "case", "--submission", given, "--out", tmp_path / "out")


def test_the_record_is_printed_and_left_in_the_folder(run, arguments, tmp_path):
    ran = run(*arguments, "--json")
    record = json.loads(ran.out)

    assert ran.status == 0
    jsonschema.validate(
        record, json.loads((resources.schemas() / "advice.schema.json").read_text(encoding="utf-8"))
    )  # fmt: skip
    assert (tmp_path / "out" / "advice.json").read_bytes() == canonical_json(record) == ran.out.strip().encode()
    assert str(tmp_path / "out") in ran.err


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            ("A threshold for every group", "not recommended for decisions about people", "rows that confirm", "gain"),
        ),
        ("ko", ("집단마다 기준 점수를 정함", "사람에 관한 결정에는 권하지 않습니다", "확인용 행", "효과")),
    ],
)
def test_remedies_are_told_with_before_and_after(run, arguments, lang, told):
    ran = run(*arguments, lang=lang)

    assert ran.status == 0
    for text in told:
        assert text in ran.out


def test_efforts_are_set_by_kind(run, arguments, tmp_path):
    ran = run(*arguments, "--effort", "decisions=4", "--effort", "scores=2", "--json")
    record = json.loads(ran.out)

    assert ran.status == 0
    assert record["efforts"] == {"decisions": 4, "scores": 2}
    assert {one["effort"] for one in record["remedies"] if one["acts_on"] == "decisions"} == {4}


@pytest.mark.parametrize(
    "effort", ["model", "model=", "model=5", "model=0", "people=1", "=1", "model=1=2", "model=1.0"]
)
def test_an_effort_of_no_kind_or_class_is_refused(run, arguments, effort, tmp_path):
    ran = run(*arguments, "--effort", effort)

    assert ran.status == 2
    assert "decisions, scores, model, inputs, data, process" in ran.err
    assert not (tmp_path / "out").exists()


def test_without_a_folder_the_advice_lies_beside_the_case(run, given):
    assert run("advise", given / "case", "--submission", given).status == 0

    assert (given / "case-advice" / "advice.json").is_file()


def test_a_folder_that_is_there_is_refused_before_anything_is_tried(run, arguments, tmp_path):
    (tmp_path / "out").mkdir()
    ran = run(*arguments, "--by", "Kim", "--engagements", tmp_path / "e.jsonl")

    assert ran.status == 2
    assert "exists already" in ran.err
    assert not (tmp_path / "e.jsonl").exists()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_another_submission_ends_with_status_2_and_leaves_nothing(run, given, tmp_path, lang):
    handed_in(tmp_path / "other", seed=99)
    ran = run("advise", given / "case", "--submission", tmp_path / "other", "--out", tmp_path / "out",
              "--by", "Kim", "--engagements", tmp_path / "e.jsonl", lang=lang)  # fmt: skip

    assert ran.status == 2
    assert "sha256" in ran.err
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "e.jsonl").exists()


def test_whoever_advises_is_kept_for_certification(run, arguments, tmp_path):
    file = tmp_path / "hub" / "engagements.jsonl"
    assert run(*arguments, "--by", "김 자문", "--engagements", file).status == 0

    (one,) = read_engagements(file)
    assert (one.organisation, one.system, one.person, one.kind) == ("402-81-00000", "심사 모델", "김 자문", "advice")


def test_nobody_is_kept_where_nobody_is_named(run, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert run(*arguments).status == 0
    assert not (tmp_path / "engagements.jsonl").exists()


ONE = Engagement(organisation="1", system="s", person="Kim", date="2026-01-02")


@pytest.mark.parametrize(
    "before", [b"", b'{"organisation":"2","system":"s","person":"Lee","date":"2025-01-02","kind":"x"}']
)
def test_a_line_is_added_and_none_is_touched(tmp_path, before):
    file = tmp_path / "engagements.jsonl"
    file.write_bytes(before)
    append_engagement(file, ONE)
    append_engagement(file, ONE)

    assert file.read_bytes().startswith(before)
    assert [one.person for one in read_engagements(file)] == [*(["Lee"] if before else []), "Kim", "Kim"]


def test_where_the_engagement_cannot_be_kept_nobody_is_advised(tmp_path):
    (tmp_path / "folder").mkdir()

    with pytest.raises(RecordError, match="nobody was advised"):
        append_engagement(tmp_path / "folder", ONE)


def test_a_budget_that_is_spent_lists_what_was_not_tried(run, arguments):
    ran = run(*arguments, "--budget", "1", "--json")
    record = json.loads(ran.out)

    assert ran.status == 0
    assert record["budget_s"] == 1.0
    assert {one["why"]["code"] for one in record["remedies"] if one["why"]} <= {"budget_spent", "no_training_data"}


@pytest.mark.parametrize("budget", ["0", "nan", "inf"])
def test_a_budget_that_is_no_time_is_refused(run, arguments, budget):
    assert run(*arguments, "--budget", budget).status == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_the_work_is_told_what_is_still_done(number):
    before, told = signal.getsignal(number), []

    with pytest.raises(KeyboardInterrupt), on_stopping(lambda: told.append(number)):
        signal.raise_signal(number)

    assert told == [number]
    assert signal.getsignal(number) is before


def test_what_is_ignored_in_the_background_stays_so():
    before, told = signal.signal(signal.SIGINT, signal.SIG_IGN), []
    try:
        with on_stopping(lambda: told.append("stopped")):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)

    assert told == []


@pytest.fixture
def shown(capsys):
    """The lines that a record of advice is shown with."""

    def lines(lang="en", **changes):
        show_advice(advice(**changes), words(lang))
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_remedy_has_its_number_by_which_compare_is_told_of_it(shown, lang):
    ranked = [line for line in shown(lang) if line.startswith(("  1. ", "  2. "))]

    assert [line[:10] for line in ranked[:2]] == ["  1. [R2] ", "  2. [R3] "]


def test_rows_that_decide_are_told_of_each_attribute_apart(shown):
    (line,) = [line for line in shown() if "about 9,600 evaluation rows" in line]

    assert line.startswith("  True-positive-rate difference between groups · age: ")


def test_a_group_that_is_too_small_is_named_by_its_attribute(shown):
    group = {"slice": {"sex": "F", "age": "55-"}, "n": 30}
    small = FINDINGS[3].model_copy(update={"leading": FINDINGS[2].leading, "smallest_group": group})
    (line,) = [line for line in shown(findings=(small,)) if "fewer than 30" in line]

    assert line.endswith(": age = 55- × sex = F.")


def test_what_was_not_tried_stands_under_its_reason(shown):
    lines = shown()
    place = lines.index("Not tried")

    assert lines[place + 1 : place + 5 : 2] == ["  no group has 100 rows:", "  there is nothing to change:"]
    assert all(line.startswith("    – ") for line in lines[place + 2 : place + 6 : 2])


def test_a_reason_that_is_a_sentence_ends_in_one_mark(shown):
    slow = REMEDIES[4].model_copy(update={"why": Why(code="model_timeout", **{"with": {"seconds": 10}})})

    assert "  The model did not answer within 10 s:" in shown(remedies=(*REMEDIES[:4], slow, *REMEDIES[5:]))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_line_is_wider_than_a_narrow_terminal(terminal, lang):
    screen = terminal(80)
    show_advice(advice(), words(lang))

    assert max(map(cell_len, screen.lines())) <= 80


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"now": 603, "needed": 1206}, "about 4,800 evaluation rows in all would decide it"),
        ({"needed": None, "why": "at_limit"}, "no number of rows decides it"),
        ({"needed": None, "why": "sample_size"}, "only if sample_size in the checklist is raised"),
        ({"needed": None, "why": "sampled"}, "so more rows do not decide it"),
    ],
)
def test_rows_are_told_of_the_file_that_is_handed_in(capsys, row, text):
    rows = (FINDINGS[2].rows_needed[0].model_copy(update=row),)
    show_advice(advice(findings=(FINDINGS[2].model_copy(update={"rows_needed": rows}),)), words("en"))

    assert text in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_level_of_intervals_is_told_once(shown, lang):
    assert shown(lang).count(words(lang).text("cli.level", level="95%")) == 1


def test_an_interval_at_the_usual_level_does_not_repeat_it():
    assert _other_level(0.95, 0.95) == _other_level(None, 0.95) == ""
    assert _other_level(1 - 0.05 / 3, 0.95) == " (98.33%)"
