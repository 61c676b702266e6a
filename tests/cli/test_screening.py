import json
import re

import pytest

from reliability.cli import screening_interview
from reliability.cli.main import COMMANDS
from reliability.cli.screening_result import show_screening
from reliability.screening.record import Screening
from reliability.words.text import words
from tests.cli.test_screening_interview import TYPED
from tests.screening.credit import CREDIT, IN_EU, LISTED, PARTS, WRITES
from tests.screening.sheets import sheet, submission

HANGUL = re.compile("[가-힣]")


def record_in(folder):
    return Screening.model_validate_json((folder / "screening.json").read_bytes())


def test_screen_stands_in_the_order_of_the_work():
    names = list(COMMANDS)

    assert names.index("facts") < names.index("screen") < names.index("assess")


def test_without_answers_the_questions_are_written_down_and_everything_is_open(run, tmp_path):
    ran = run("screen", submission(tmp_path), lang="ko")

    assert ran.status == 0
    assert "질문 46개를 적어 두었습니다" in ran.err
    assert (tmp_path / "screening_answers.yaml").is_file()
    record = record_in(tmp_path)
    assert (record.kr.status, record.eu.status, record.hub.tier) == (None, None, None)
    assert set(dict(record.facts).values()) == {None}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    "values", [CREDIT, PARTS, {**CREDIT, **LISTED, **WRITES}, {}], ids=["credit", "parts", "eu", "open"]
)
def test_the_result_fits_one_screen_and_says_it_in_one_language(run, tmp_path, lang, values):
    ran = run("screen", submission(tmp_path, sheet(values)), lang=lang)
    lines = [line for line in ran.out.replace("심사 모델", "").splitlines() if line.strip()]

    assert ran.status == 0
    assert len(lines) <= 30
    for line in lines:
        assert bool(HANGUL.search(line)) is (lang == "ko"), line
    assert not {"{", "}"} & set(ran.out)


def test_the_result_says_both_laws_the_tier_three_things_to_do_and_what_is_open(run, tmp_path):
    ran = run("screen", submission(tmp_path, sheet({**CREDIT, "incidents": "unknown"})), lang="ko")

    assert "한국 (인공지능기본법): 고영향 인공지능일 가능성이 높음" in ran.out
    assert "● 예  마지막 결정에 사람이 실질적으로 개입하지 않는다 — 사람이 보지만 거의 그대로 따른다" in ran.out
    assert "유럽연합 (인공지능법): 유럽연합과 관련 없음" in ran.out
    assert "허브 위험 등급: T3 높음 · 점검표 credit · 두 번째 검토자 필요" in ran.out
    assert re.findall(r"^  (\d)\. ", ran.out, re.MULTILINE) == ["1", "2", "3"]
    assert "열린 질문 1개 (결과를 좌우하는 것 0개)" in ran.out
    assert "법률 자문이 아닙니다" in ran.out
    assert "법 조문이 아닙니다" in ran.out
    assert "--kind screening" in ran.err


def test_what_is_not_so_says_so_in_words(run, tmp_path):
    ran = run("screen", submission(tmp_path, sheet(PARTS)), lang="ko")

    assert "○ 아니요  법이 정한 영역에서 쓰인다 — 해당하는 곳이 없다" in ran.out


def test_what_is_no_ai_has_no_tier(run, tmp_path):
    ran = run("screen", submission(tmp_path, sheet({**CREDIT, "ai_system": False})), lang="ko")

    assert "허브 위험 등급: 해당 없음" in ran.out
    assert "1. 일반 소프트웨어 품질 점검을 이용하세요." in ran.out


def test_what_the_hub_refuses_is_said(run, tmp_path):
    ran = run("screen", submission(tmp_path, sheet({**CREDIT, **IN_EU, "practices": ("social_scoring",)})))

    assert "Prohibited" in ran.out
    assert "T4 not served — refused by hub policy" in ran.out
    assert "1. Stop the function that the hub does not serve" in ran.out


def test_json_is_the_record_and_nothing_else(run, tmp_path):
    ran = run("screen", submission(tmp_path, sheet()), "--json")

    assert ran.out.encode().strip() == (tmp_path / "screening.json").read_bytes()
    assert json.loads(ran.out)["kr"]["status"] == "likely"


def test_the_same_command_twice_leaves_the_same_bytes(run, tmp_path):
    folder = submission(tmp_path, sheet())
    run("screen", folder)
    first = [(folder / name).read_bytes() for name in ("screening.json", "screening_answers.yaml")]
    run("screen", folder, lang="ko")

    assert [(folder / name).read_bytes() for name in ("screening.json", "screening_answers.yaml")] == first


def test_answers_filled_in_by_hand_are_found_at_the_next_call(run, tmp_path):
    folder = submission(tmp_path)
    run("screen", folder, lang="ko")
    text = (folder / "screening_answers.yaml").read_text(encoding="utf-8")
    filled = text.replace("  kr_domains:\n    value: unknown\n", "  kr_domains:\n    value: [energy]  # 발전소\n")
    (folder / "screening_answers.yaml").write_text(filled, encoding="utf-8")

    ran = run("screen", folder, lang="ko")

    assert ran.status == 0
    assert (folder / "screening_answers.yaml").read_text(encoding="utf-8") == filled
    assert ("kr_domains", ("energy",)) in [(one.question, one.value) for one in record_in(folder).answers]


@pytest.mark.parametrize(
    ("text", "facts", "code"),
    [
        (sheet({"ai_system": "yes"}), "", "ai_system is 'yes'; write one of: true, false, unknown"),
        (sheet({"kr_domain": True}), "", "did you mean kr_domains?"),
        ("screening: 1\nversion: 1.0.0\nanswers:\n  harm: {value: minor}\n", "", "say why in because"),
        (sheet(), "generative: true", "submission.yaml:4 states generative: true; correct one of them"),
        ("screening: 1\n  version: x", "", "not valid YAML"),
    ],
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_cannot_be_used_is_one_line_and_leaves_everything_as_it_was(run, tmp_path, text, facts, code, lang):
    ran = run("screen", submission(tmp_path, text, facts=facts), lang=lang)

    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.strip().splitlines()) == 1
    assert code in ran.err if lang == "en" else HANGUL.search(ran.err)
    assert not (tmp_path / "screening.json").exists()
    assert (tmp_path / "screening_answers.yaml").read_text(encoding="utf-8") == text


def test_a_folder_without_a_manifest_is_one_line(run, tmp_path):
    ran = run("screen", tmp_path)

    assert ran.status == 2
    assert "write one with 'reliability init DATA'" in ran.err


def test_a_record_that_leads_out_of_the_folder_is_not_written(run, tmp_path):
    folder = submission(tmp_path / "s", sheet())
    (folder / "screening.json").symlink_to(tmp_path / "elsewhere.json")

    assert run("screen", folder).status == 2
    assert not (tmp_path / "elsewhere.json").exists()


def test_help_says_what_it_does_and_that_it_is_no_advice(run):
    for lang, advice in (("en", "not legal advice"), ("ko", "법률 자문이")):
        ran = run("screen", "--help", lang=lang)
        assert ran.status == 0
        assert advice in " ".join(ran.out.split())
        assert "reliability screen submission/" in ran.out


def test_at_a_terminal_the_questions_are_asked_and_the_result_is_left(tmp_path, monkeypatch, terminal):
    lines = [*TYPED]
    monkeypatch.setattr("reliability.cli.screening_result.may_ask", lambda: True)
    monkeypatch.setattr(
        "reliability.cli.screening_result.Interview",
        lambda **kept: screening_interview.Interview(**kept, ask=lambda _: lines.pop(0)),
    )
    screen = terminal()

    show_screening(
        submission(tmp_path), words("ko"), by="김하늘", everything=False, no_ask=False, as_json=False
    )  # fmt: skip

    assert lines == []
    assert record_in(tmp_path).kr.status == "likely"
    assert "허브 위험 등급: T3 높음" in "\n".join(screen.lines())


def test_a_name_that_no_document_can_hold_is_refused(run, tmp_path):
    ran = run("screen", submission(tmp_path, sheet()), "--by", "김\x07")

    assert ran.status == 2
    assert "--by holds the character U+0007" in ran.err


def test_a_long_value_from_a_file_is_cut_and_cannot_steer_the_terminal(run, tmp_path):
    text = sheet({}, lines=[f'  harm: {{value: "\\x1b[31m{"가" * 500}"}}'])
    ran = run("screen", submission(tmp_path, text))

    assert ran.status == 2
    assert "\x1b" not in ran.err
    assert len(ran.err) < 400


@pytest.mark.parametrize("option", ["--no-ask", "--json"])
def test_a_terminal_is_not_asked_where_nobody_wants_it(run, tmp_path, monkeypatch, option):
    monkeypatch.setattr("reliability.cli.screening_result.may_ask", lambda: True)

    assert run("screen", submission(tmp_path, sheet()), option).status == 0
