"""`reliability answers`: what it writes, tells and refuses, and that it asks nobody who is not there."""

import io
import json
import sys

import pytest
from openpyxl import load_workbook

from reliability.case import digest
from reliability.cli.main import main
from reliability.cli.questioning import today
from reliability.words.text import words
from tests.questionnaire.sheets import HEAD, SHA, checklist
from tests.small_case import handed_in

ITEMS = ("GOV-01", "GOV-02", "RSK-01")


class Keyboard(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def folder(tmp_path):
    handed_in(tmp_path / "s")
    (tmp_path / "s" / "a.pdf").write_bytes(b"policy")
    return tmp_path / "s"


@pytest.fixture
def used(tmp_path):
    checklist(tmp_path, *ITEMS)
    return tmp_path / "small-1.0.0.yaml"


@pytest.fixture
def answers(run, folder, used):
    """Run the command on the small submission."""
    return lambda *more, **kept: run("answers", folder, "--checklist", used, *more, **kept)


def sheet(folder, text=None):
    if text is not None:
        (folder / "answers.yaml").write_text(text, encoding="utf-8")
    return (folder / "answers.yaml").read_text("utf-8")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_first_call_writes_the_questions_and_names_the_file(answers, folder, lang):
    before = (folder / "submission.yaml").read_bytes()
    ran = answers(lang=lang)
    said = words(lang)

    assert (ran.status, [one in sheet(folder) for one in ITEMS]) == (0, [True, True, True])
    assert said.text("answers.head.how") in sheet(folder).replace("\n#   ", " ")
    assert (folder / "submission.yaml").read_bytes() == before + b"answers: answers.yaml\n"
    assert said.text("cli.written", path=str(folder / "answers.yaml")) in ran.err
    assert said.text("answers.named", manifest=str(folder / "submission.yaml"), path="answers.yaml") in ran.err
    assert said.text("answers.counts", asked=3, answered=0, new=3, question_changed=0, orphaned=0) in ran.out


def test_the_next_command_names_the_checklist_that_was_answered(answers, run, folder, used):
    assert f"reliability assess {folder} --checklist {used} --out case-1" in answers().err
    assert f"reliability assess {folder} --out case-1" in run("answers", folder).err


def test_a_file_that_others_may_not_read_stays_so(answers, folder):
    sheet(folder, f"{HEAD}items:\n  GOV-01: {{answer: met}}\n")
    for name in ("answers.yaml", "submission.yaml"):
        (folder / name).chmod(0o600)
    answers()

    assert [(folder / name).stat().st_mode & 0o777 for name in ("answers.yaml", "submission.yaml")] == [0o600, 0o600]


def test_a_second_call_writes_nothing(answers, folder):
    answers()
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    ran = answers()

    assert ran.status == 0
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()} == before
    assert "wrote" not in ran.err


def test_what_is_new_changed_and_orphaned_is_told(answers, folder):
    sheet(
        folder, f"{HEAD}items:\n  GOV-02: {{answer: met, version: 0.9.0}}\n  OLD-01: {{answer: met, version: 0.9.0}}\n"
    )
    ran = answers()

    assert "3 questions: 0 answered · 2 not answered · 1 to confirm · 1 no longer asked" in ran.out
    assert "Not answered: GOV-01, RSK-01\n" in ran.out
    assert "confirm them: GOV-02\n" in ran.out
    assert "No longer asked, kept in the file: OLD-01\n" in ran.out


def test_assess_counts_what_was_answered(answers, run, folder, used, tmp_path):
    answers()
    sheet(folder, sheet(folder).replace("  GOV-01:\n    answer:", "  GOV-01:\n    answer: met"))
    ran = run("assess", folder, "--checklist", used, "--out", tmp_path / "case", "--json")
    verdicts = {one["item"]: one["verdict"] for one in json.loads(ran.out)["findings"]}

    assert verdicts == {"GOV-01": "pass", "GOV-02": "not_assessed", "RSK-01": "not_assessed"}


def test_evidence_without_a_digest_is_filled_in(answers, folder):
    sheet(folder, f"{HEAD}items:\n  GOV-01: {{answer: met, evidence: [{{path: a.pdf}}]}} # mine\n")
    ran = answers()

    assert digest(folder / "a.pdf") in sheet(folder)
    assert "wrote the digests (sha256) of the evidence into answers.yaml" in ran.err


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_is_wrong_with_the_evidence_is_told(answers, run, folder, lang):
    answers()
    entry = f"{{answer: met, evidence: [{{path: a.pdf, sha256: {SHA}, renew: 2020-01-01}}]}}"
    sheet(folder, f"{HEAD}items:\n  GOV-01: {entry}\n")
    changed, expired = (words(lang).text(f"reason.evidence_{code}").rstrip(".") for code in ("changed", "expired"))
    for told in (answers(lang=lang).out, run("inspect", folder, lang=lang).out):
        assert f"GOV-01: {changed}: a.pdf\n" in told
        assert f"GOV-01: {expired}: a.pdf\n" in told


def test_json_is_the_state_of_the_questionnaire(answers, folder):
    text = f"{HEAD}items:\n  GOV-01: {{answer: met, by: 김, evidence: [{{path: a.pdf, sha256: {SHA}}}]}}\n"
    sheet(folder, f"{text}  OLD: {{answer: partly, version: 0.1.0}}\n")
    told = json.loads(answers("--json").out)
    first = told["questions"][0]

    assert (told["checklist"], told["version"], told["path"]) == ("small", "1.0.0", "answers.yaml")
    assert told["counts"] == {"asked": 3, "answered": 1, "new": 2, "question_changed": 0, "orphaned": 1}
    assert [one["state"] for one in told["questions"]] == ["answered", "new", "new"]
    assert (first["answer"]["answer"], first["troubles"][0]["code"]) == ("met", "evidence_changed")
    assert (first["required"], first["applies"]) == (
        {"evidence": False, "checked_by": False},
        {"when": None, "facts": {}},
    )
    assert [(one["item"], one["answer"]["answer"]) for one in told["orphaned"]] == [("OLD", "partly")]


def test_a_fact_that_is_false_leaves_its_question_out(run, folder, tmp_path):
    checklist(tmp_path, *ITEMS, keys={"GOV-02": ["when: hiring"]})
    ran = run("answers", folder, "--checklist", tmp_path / "small-1.0.0.yaml", "--json")

    assert [one["item"] for one in json.loads(ran.out)["questions"]] == ["GOV-01", "RSK-01"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("items: [", "answers.yaml:1:"),
        (
            f"{HEAD}items: {{GOV-1: {{answer: met}}}}\n",
            "answers.yaml: checklist small asks no item 'GOV-1'; did you mean 'GOV-01'?",
        ),
        (f"{HEAD}items: {{GOV-01: {{answer: yes}}}}\n", "answers.yaml:4: items.GOV-01.answer is 'yes'; write one of"),
        (
            f"{HEAD}items: {{GOV-01: {{answer: met, evidence: [{{path: b.pdf}}]}}}}\n",
            "answers.yaml:4: evidence: no file 'b.pdf'",
        ),
        (
            f"{HEAD}items: {{GOV-01: {{answer: met, evidence: [{{path: ../x.pdf}}]}}}}\n",
            "answers.yaml:4: evidence: '../x.pdf' leaves",
        ),
        (
            f"{HEAD}items: {{GOV-01: {{answer: met, note: {'가' * 32_001}}}}}\n",
            "answers.yaml:4: items.GOV-01.note is 32,001 characters",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line_and_left_alone(answers, folder, text, line):
    manifest = (folder / "submission.yaml").read_bytes()
    sheet(folder, text)
    ran = answers()

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"error: {line}")
    assert (sheet(folder), (folder / "submission.yaml").read_bytes()) == (text, manifest)


def test_a_disk_that_refuses_leaves_the_old_file(answers, folder, monkeypatch):
    text = f"{HEAD}items:\n  GOV-01: {{answer: met}}\n"
    sheet(folder, text)

    def refuse(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    ran = answers()

    assert (ran.status, "No space left on device" in ran.err) == (2, True)
    assert (sheet(folder), sorted(path.name for path in folder.iterdir())) == (
        text, ["a.pdf", "answers.yaml", "data.csv", "submission.yaml"],
    )  # fmt: skip


def test_an_unknown_checklist_and_an_empty_name_are_refused_before_anything_is_written(run, folder, used):
    for more in (("--checklist", "none"), ("--checklist", used, "--by", " "), ("--checklist", used, "--by", "a\x07")):
        ran = run("answers", folder, *more)

        assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert not (folder / "answers.yaml").exists()


def test_nothing_is_asked_without_a_terminal(answers, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("김\n1\n1\n1\n"))

    assert "0 answered" in answers().out
    assert sys.stdin.read() == "김\n1\n1\n1\n"


@pytest.fixture
def typing(terminal, monkeypatch, folder, used):
    """Run the command on a terminal with these lines typed: its status and what stands on the screen."""

    def type_(*lines, more=()):
        screen = terminal()
        monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
        monkeypatch.setattr(sys, "stdin", Keyboard("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr(
            sys, "argv", ["reliability", "answers", str(folder), "--checklist", str(used), *map(str, more)]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, screen.getvalue()

    return type_


def test_a_terminal_is_asked_question_by_question(typing, folder, capsys):
    status, screen = typing("김하늘", "1 있음", "2", "4 해당하지 않음")

    assert (status, "3 questions: 3 answered" in screen) == (0, True)
    assert sheet(folder).count("by: 김하늘\n") == 3
    assert sheet(folder).count(f'date: "{today().isoformat()}"') == 3
    assert "[1/3] Section GOV · GOV-01" in capsys.readouterr().err


def test_a_terminal_that_goes_away_loses_nothing(typing, folder):
    status, screen = typing("1 있음", more=("--by", "김"))

    assert (status, "3 questions: 1 answered" in screen) == (0, True)
    assert "note: 있음" in sheet(folder)


def test_a_terminal_is_asked_nothing_where_that_is_wished(typing, folder):
    assert typing("김", "1", more=("--no-ask",))[0] == 0
    assert "answer: met" not in sheet(folder)


def test_a_terminal_that_wants_json_is_asked_nothing(answers, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Keyboard("김\n1\n"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    assert json.loads(answers("--json").out)["counts"]["answered"] == 0
    assert sys.stdin.read() == "김\n1\n"


def test_all_questions_are_gone_through_again_where_that_is_wished(typing, folder):
    typing("1", "1", "1", more=("--by", "김"))
    typing("3", "", "", more=("--by", "이", "--all"))

    assert [line.strip() for line in sheet(folder).splitlines() if "answer: " in line and "#" not in line] == [
        "answer: not_met", "answer: met", "answer: met",
    ]  # fmt: skip


def test_a_workbook_is_written_and_read_in_again(answers, folder, tmp_path):
    xlsx = tmp_path / "q.xlsx"
    assert answers("--xlsx", xlsx).status == 0
    book = load_workbook(xlsx)
    cells = {cell.value: cell for row in book["Section GOV"].iter_rows() for cell in row}
    headers = [cell.value for cell in book["Section GOV"][1]]
    book["Section GOV"].cell(cells["GOV-01"].row, headers.index("Answer") + 1, "Met")
    book["Section GOV"].cell(cells["GOV-01"].row, headers.index("Note") + 1, "설명: 하나")
    book.save(xlsx)
    ran = answers("--xlsx", xlsx)

    assert ran.status == 0, ran.err
    assert "    answer: met\n" in sheet(folder)
    assert '    note: "설명: 하나"\n' in sheet(folder)


def test_help_gives_an_example(run):
    assert "Example: reliability answers submission/" in run("answers", "--help").out
