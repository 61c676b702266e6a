"""What doctor, inspect and init show."""

import json
import re
from pathlib import Path

import pytest

from reliability import demo, doctor
from reliability.cli import running, showing
from reliability.cli.following import Next
from reliability.doctor import Lack
from reliability.records import NotTested
from reliability.words.text import words
from reliability.worker import confinement, failures, landlock
from tests.small_case import assessed, checklist, handed_in, with_model

LANGUAGES = ("ko", "en")
OK = Lack(code="python", what="3.11", level="ok", found="3.12.1")
LACKS = {
    "python": Lack(code="python", what="3.11", level="missing", found="3.9.2", packages=("python3", "python3-venv")),
    "shared_library": Lack(
        code="shared_library", what="libpango-1.0.so.0", level="missing", packages=("libpango-1.0-0",)
    ),
    "korean_font": Lack(code="korean_font", what="Hangul", level="missing", packages=("fonts-nanum",)),
    "confinement": Lack(code="confinement", what="bubblewrap", level="missing", packages=("bubblewrap",)),
    "python_library": Lack(code="python_library", what="numpy", level="missing", command="script/bootstrap"),
}
SLOW = Lack(
    code="subsetting", what="libharfbuzz-subset.so.0", level="slow", packages=("libharfbuzz-subset0",)
)  # fmt: skip


@pytest.fixture
def machine(monkeypatch):
    """A machine on which the doctor finds this."""

    def found(*lacks):
        monkeypatch.setattr(doctor, "examine", lambda: lacks)

    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", LACKS)
def test_doctor_says_in_words_what_is_missing_and_what_to_type(run, machine, code, lang):
    machine(OK, LACKS[code])
    ran = run("doctor", lang=lang)
    fine, missing, type_, *lines = ran.out.splitlines()

    assert ran.status == 2
    assert (fine[0], missing[0], type_) == ("●", "✗", words(lang).text("doctor.type"))
    assert missing == f"✗ {words(lang).text(f'doctor.{code}.missing', what=LACKS[code].what, found=LACKS[code].found)}"
    assert [line.strip() for line in lines] == list(doctor.remedies([LACKS[code]]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_doctor_ends_well_where_something_is_only_slow(run, machine, lang):
    machine(OK, SLOW)
    ran = run("doctor", lang=lang)

    assert ran.status == 0
    assert ran.out.splitlines()[1].startswith("◇ ")
    assert "libharfbuzz-subset0" in ran.out.splitlines()[-1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_doctor_says_so_where_nothing_is_missing(run, machine, lang):
    machine(OK)
    ran = run("doctor", lang=lang)

    assert (ran.status, ran.out.splitlines()[-1]) == (0, words(lang).text("cli.doctor.ok"))
    assert words(lang).text("doctor.type") not in ran.out


def test_doctor_names_all_packages_on_one_line(run, machine):
    machine(*LACKS.values(), SLOW)
    lines = [line for line in run("doctor").out.splitlines() if "apt-get" in line]

    assert len(lines) == 1
    assert all(package in lines[0] for lack in LACKS.values() for package in lack.packages)


def test_doctor_announces_no_line_to_type_where_it_knows_none(run, machine):
    machine(Lack(code="confinement", what="bubblewrap", level="missing", found="0.8.0"))
    ran = run("doctor")

    assert ran.status == 2
    assert len(ran.out.splitlines()) == 1


@pytest.mark.parametrize(("lacks", "status"), [((OK,), 0), ((OK, SLOW), 0), (tuple(LACKS.values()), 2)])
def test_doctor_as_json_has_the_exit_status_of_its_words(run, machine, lacks, status):
    machine(*lacks)
    ran = run("doctor", "--json")

    assert (ran.status, run("doctor").status) == (status, status)
    assert [(one["code"], one["level"]) for one in json.loads(ran.out)] == [(one.code, one.level) for one in lacks]


EXTRA = "  segments: [age]\n  time: income\n"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_inspect_names_roles_columns_and_outcomes_in_words(run, tmp_path, lang):
    handed_in(tmp_path, extra=EXTRA)
    said, ran = words(lang), run("inspect", tmp_path, lang=lang)
    lines = dict(line.split(": ", 1) for line in ran.out.splitlines() if ": " in line and not line.startswith(" "))

    told = {key: lines[said.text(f"inspect.{key}")] for key in ("organisation", "task", "sensitive", "segments")}
    assert ran.status == 0
    assert told == {
        "organisation": "온고을신용",
        "task": said.text("task.binary"),
        "sensitive": "sex",
        "segments": "age",
    }
    assert lines[said.text("inspect.classes")] == "0, 1"
    assert lines[said.text("inspect.favourable")] == lines[said.text("inspect.positive")] == "1"
    assert lines[said.text("inspect.model")] == said.text("inspect.no_model")
    assert lines[said.text("inspect.answers")] == said.text("inspect.no_answers")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_inspect_lists_every_column_with_kind_and_role(run, tmp_path, lang):
    handed_in(tmp_path)
    said, lines = words(lang), run("inspect", tmp_path, lang=lang).out.splitlines()
    columns = {line.split()[0]: line for line in lines if line.startswith("  ")}

    assert list(columns) == ["income", "age", "sex", "approved", "y_pred", "y_score"]
    assert columns["sex"] == f"  sex  {said.text('inspect.kind.utf8')}  {said.text('inspect.role.sensitive')}"
    assert columns["y_score"].endswith(said.text("inspect.role.score"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_inspect_tells_of_keys_that_nothing_uses_yet(run, tmp_path, lang):
    with_model(tmp_path)
    manifest = tmp_path / "submission.yaml"
    coded = "path: model.skops, categories: {sex: [F, M]}}"
    manifest.write_text(manifest.read_text("utf-8").replace("path: model.skops}", coded), "utf-8")

    assert "model.categories" in run("inspect", tmp_path, lang=lang).out


def test_inspect_tells_of_the_answers_that_came_along(run, tmp_path):
    sheet = "answers: 1\nchecklist: small\nversion: 1.0.0\nitems: {GOV-01: {answer: met}}\n"
    (tmp_path / "answers.yaml").write_text(sheet)
    handed_in(tmp_path, text="answers: answers.yaml\n")

    assert "Answers: answers.yaml, small 1.0.0: 1" in run("inspect", tmp_path).out


def test_inspect_as_json_is_the_same_in_either_language(run, tmp_path):
    handed_in(tmp_path)
    english, korean = (json.loads(run("inspect", tmp_path, "--json", lang=lang).out) for lang in ("en", "ko"))

    assert english == korean
    assert english["data"]["evaluation"]["rows"] == 200
    assert english["labels"] == {"target": "approved", "classes": [0, 1], "positive": 1, "favourable": [1]}
    assert (english["model"], english["answers"], english["data"]["training"]) == (None, None, None)


def test_inspect_runs_no_model(run, tmp_path, monkeypatch):
    with_model(tmp_path)
    monkeypatch.setattr("reliability.bench.open_model", pytest.fail)
    ran = run("inspect", tmp_path)

    assert ran.status == 0
    assert re.search(r"^Model: skops model\.skops [0-9a-f]{64}$", ran.out, re.M)


def test_inspect_takes_the_manifest_for_its_folder(run, tmp_path):
    handed_in(tmp_path)

    assert run("inspect", tmp_path / "submission.yaml").out == run("inspect", tmp_path).out


def test_inspect_prints_names_that_would_steer_a_terminal_harmless(run, tmp_path):
    handed_in(tmp_path)
    manifest = tmp_path / "submission.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("온고을신용", '"a\\e[2J\\u202Eb"'), encoding="utf-8")

    assert "a�[2J�b" in run("inspect", tmp_path).out


ROWS = "소득,성별,승인,예측\n" + "".join(f"{place}.5,{'남여'[place % 2]},{place // 2 % 2},1\n" for place in range(80))


@pytest.fixture
def bare(tmp_path):
    """A folder with a data file and a model file, nothing else."""
    (tmp_path / "data.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "model.skops").write_bytes(b"a model")
    return tmp_path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_init_gives_a_reason_for_every_guess(run, bare, lang):
    ran = run("init", bare / "data.csv", "--yes", lang=lang)
    guesses = json.loads(_again(run, bare, "--json", lang=lang).out)["guesses"]

    assert ran.status == 0
    assert [one["reason"] for one in guesses if one["reason"] not in ran.out] == []
    assert len(ran.out.splitlines()) == len(guesses)


def test_init_says_what_is_next_on_stderr(run, bare):
    err = run("init", bare / "data.csv", "--yes").err

    assert f"wrote {bare / 'submission.yaml'}" in err.replace("Wrote", "wrote")
    assert "reliability screen" in err


def test_init_takes_the_columns_that_are_named(run, bare):
    named = ("--target", "승인", "--sensitive", "성별", "--sensitive", "소득")
    told = json.loads(run("init", bare / "data.csv", *named, "--yes", "--json").out)

    columns = [(one["part"], one["column"]) for one in told["guesses"] if one["part"] in {"target", "sensitive"}]
    assert sorted(columns) == [("sensitive", "성별"), ("sensitive", "소득"), ("target", "승인")]


@pytest.mark.parametrize("option", ["--target", "--sensitive"])
def test_init_refuses_a_column_that_is_not_there(run, bare, option):
    ran = run("init", bare / "data.csv", option, "성벌", "--yes")

    assert (ran.status, ran.out) == (2, "")
    assert "성벌" in ran.err
    assert not (bare / "submission.yaml").exists()


def test_init_writes_the_model_that_is_given(run, bare):
    ran = run("init", bare / "data.csv", "--model", bare / "model.skops", "--yes")

    assert ran.status == 0, ran.err
    assert "\nmodel: {format: skops, path: model.skops}\n" in (bare / "submission.yaml").read_text("utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("name", "why"), [("gone.skops", "no such file"), ("model.h5", "unknown kind of model file")])
def test_init_refuses_a_model_that_it_cannot_hand_in(run, bare, name, why, lang):
    (bare / "model.h5").write_bytes(b"")
    ran = run("init", bare / "data.csv", "--model", bare / name, "--yes", lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert name in ran.err
    assert (why in ran.err) is (lang == "en")


def test_init_refuses_a_model_from_elsewhere(run, bare, tmp_path_factory):
    model = tmp_path_factory.mktemp("elsewhere") / "model.skops"
    model.write_bytes(b"a model")

    assert "copy the model beside the data first" in run("init", bare / "data.csv", "--model", model, "--yes").err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_init_refuses_a_manifest_that_is_there_in_one_line(run, bare, lang):
    (bare / "submission.yaml").write_text("mine")
    ran = run("init", bare / "data.csv", "--yes", "--json", lang=lang)

    assert (ran.status, ran.out) == (2, "")
    assert "submission.yaml" in ran.err


def _again(run, folder, *options, lang):
    (folder / "submission.yaml").unlink()
    return run("init", folder / "data.csv", "--yes", *options, lang=lang)


@pytest.fixture
def quick(monkeypatch):
    """A demo that hands in predictions, judges by a few items, and sets no PDF."""

    def no_way():
        raise failures.unavailable("start", "no user namespaces")

    monkeypatch.setattr(confinement, "find_way", no_way)
    monkeypatch.setattr(landlock, "ways", lambda: ())
    monkeypatch.setattr(showing, "render", lambda *_, **asked: repr(sorted(asked.items())).encode())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_demo_writes_every_report_and_names_the_one_to_open(run, quick, tmp_path, lang):
    ran = run("demo", "--out", tmp_path / "demo", lang=lang)
    reports = {
        f"{kind}.{lang}.{form}"
        for kind in ("consulting", "summary", "test")
        for lang in LANGUAGES
        for form in ("pdf", "html")
    }

    assert ran.status == 0, ran.err
    assert {path.name for path in (tmp_path / "demo").iterdir()} == reports | {"case", "submission", demo.MARK}
    assert ran.err.rstrip().endswith(words(lang).text("cli.demo.done", path=tmp_path / f"demo/consulting.{lang}.pdf"))
    assert words(lang).text("cli.demo.no_confinement") in ran.err
    assert words(lang).text("cli.outcome") in ran.out


def test_demo_makes_room_for_itself_only_where_an_earlier_demo_stood(run, quick, tmp_path):
    assert run("demo", "--out", tmp_path / "demo", "--json").status == 0
    (tmp_path / "demo/left over").touch()
    ran = run("demo", "--out", tmp_path / "demo", "--json")

    assert ran.status == 0
    assert json.loads(ran.out)["assessment"] == 1
    assert not (tmp_path / "demo/left over").exists()


def test_progress_shows_nothing_where_there_is_no_terminal(capsys):
    with running.progress() as bars:
        bars.advance(bars.add_task("rows", total=3))

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("code", ["screening_missing", "screening_stale"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_screening_that_was_not_used_is_told_with_the_command_that_makes_one(tmp_path, capsys, code, lang):
    whole = assessed(handed_in(tmp_path / "s"), checklist(tmp_path, "PER-01"), tmp_path / "case")
    lacking = whole.model_copy(update={"not_tested": (NotTested(what="screening", code=code),)})

    following = Next(submission=Path("a b/case"), case=Path("case-1"))
    showing.show_case(lacking, words(lang), following, as_json=False)

    assert "reliability screen 'a b/case'" in capsys.readouterr().err


def test_inspect_speaks_korean_of_task_positive_class_and_strata(run, tmp_path):
    handed_in(tmp_path, extra="  segments: [age]\n  strata: [age]\n")
    lines = run("inspect", tmp_path, lang="ko").out.splitlines()

    assert {"과제: 이진 분류", "양성 클래스: 1", "층화 기준: age"} <= set(lines)
