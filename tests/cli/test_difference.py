"""`checklists diff`: what changed, in words, for the people who answered the first."""

import json
import re

import pytest
from rich.cells import cell_len

from reliability.cli.difference import show_difference
from reliability.words.text import LANGUAGES, words
from tests.checklist.test_difference import LAST, OF_AN_ITEM, POLICY, SMALL, WHOLE

HANGUL = re.compile("[가-힣]")


@pytest.fixture
def files(tmp_path):
    """Two files: the small checklist, and it with these edits under the next version."""

    def written(*edits):
        text = SMALL.replace("version: 1.0.0", "version: 1.1.0")
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        for name, content in (("old.yaml", SMALL), ("new.yaml", text)):
            (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path / "old.yaml", tmp_path / "new.yaml"

    return written


@pytest.mark.parametrize("lang", LANGUAGES)
# `exact` is refused for the estimates of the small checklist, and so never comes to be compared.
@pytest.mark.parametrize(
    ("old", "new"), [change[:2] for change in (*WHOLE, *OF_AN_ITEM) if "rule: exact" not in change[1]]
)
def test_every_change_is_worded_in_either_language(run, files, old, new, lang):
    ran = run("checklists", "diff", *files((old, new)), lang=lang)

    assert ran.status == 0
    assert not re.search(r"None|\bdiff\.|[{}]", ran.out)
    changes = [line for line in ran.out.splitlines() if re.match(r"  [▲▽·] ", line)]
    assert changes
    if lang == "ko":
        assert all(HANGUL.search(line) for line in changes)


NEEDED = POLICY + "        answers: {evidence: required}\n"
TOLD = [
    (("at_least: 0.75", "at_least: 0.8"), "▲ 정확도 기준값: ≥ 75% → ≥ 80%", "▲ Accuracy, limit: ≥ 75% → ≥ 80%"),
    (("at_least: 0.75", "at_least: 0.7"), "▽ 정확도 기준값: ≥ 75% → ≥ 70%", "▽ Accuracy, limit: ≥ 75% → ≥ 70%"),
    (("confidence: 0.95", "confidence: 0.9"), "▽ 신뢰수준: 95% → 90%", "▽ confidence: 95% → 90%"),
    (
        ("open_minor: 3", "open_minor: 0"),
        "▲ 부적합이어도 되는 경미 항목의 수: 3 → 0",
        "▲ minor items that may fail: 3 → 0",
    ),
    (
        ("        when: classification\n", ""),
        "▲ 적용 조건: classification → 항상",
        "▲ applies when: classification → always",
    ),
    (("guarded, source: house default", "guarded, source: EU-15"), "기관 기본값 → EU-15", "house default → EU-15"),
    (("[TTA-03, EU-15]", "[TTA-04]"), "· 근거 추가: TTA-04; 근거 삭제: TTA-03, EU-15", "· references added: TTA-04; "),
    ((POLICY, NEEDED), "▲ 근거 자료 제출: 선택 → 필수", "▲ evidence: optional → required"),
    (
        (LAST, ""),
        "· 없어진 항목(문항, 경미): 책임자가 있다.",
        "· dropped item (asked, Minor): Somebody is responsible.",
    ),
    (("en: Accuracy}", "en: Share right}"), "· 제목: 정확도 → 정확도 (영어 문구만)", "· title: Accuracy → Share right"),
]


@pytest.mark.parametrize(("edit", "ko", "en"), TOLD)
def test_change_is_told_with_what_it_was_and_what_it_is(run, files, edit, ko, en):
    paths = files(edit)

    assert ko in run("checklists", "diff", *paths, lang="ko").out
    assert en in run("checklists", "diff", *paths).out


def test_question_is_printed_before_and_after(run, files):
    told = run("checklists", "diff", *files(("en: Is there a policy?", "en: Is there an AI policy?"))).out

    assert "before: Is there a policy?" in told
    assert "after: Is there an AI policy?" in told


@pytest.mark.parametrize(
    ("edit", "lang", "other"),
    [("en: Is there a policy?", "ko", "(영어 문구만)"), ("ko: 방침이 있습니까?", "en", "(only in Korean)")],
)
def test_question_reworded_only_in_the_other_language_says_so(run, files, edit, lang, other):
    told = run("checklists", "diff", *files((edit, f"{edit} ")), lang=lang).out
    changed = run("checklists", "diff", *files((edit, f"{edit[:-1]}!")), lang=lang).out

    assert other not in told  # white space at the end is no change
    assert other in changed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_come_first_with_the_command_that_goes_on(run, files, lang):
    old, new = files(("en: Is there a policy?", "en: Is there an AI policy?"), ("GOV-02", "GOV-03"))
    told, said = run("checklists", "diff", old, new, lang=lang).out, words(lang)

    for key, item in (("answer_first", "GOV-03"), ("answer_again", "GOV-01"), ("no_longer_asked", "GOV-02")):
        assert f"  {said.text(f'diff.{key}', n=1)}: {item}\n" in told
    assert f"reliability answers SUBMISSION --checklist {new}" in told
    assert told.index(said.text("diff.answers")) < told.index("GOV-01  ")


def test_checklists_that_ask_nothing_say_so(run, files):
    old, new = files(("at_least: 0.75", "at_least: 0.8"))
    for path in (old, new):
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: text.index("  - id: GOV\n")], encoding="utf-8")
    told = run("checklists", "diff", old, new).out

    assert "Neither checklist asks anything." in told
    assert "reliability answers" not in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_twice_is_told_in_one_line(run, lang):
    told = run("checklists", "diff", "trustworthy-ai", "trustworthy-ai", lang=lang).out

    assert told.splitlines()[1:] == [words(lang).text("diff.none")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_shipped_checklists_are_compared_by_name(run, lang):
    told = run("checklists", "diff", "trustworthy-ai", "certification", lang=lang).out

    assert "CRT-04" in told
    assert "certification" in told.splitlines()[0]
    assert re.search(r"(?m)^  ▲ ", told)


def test_as_json_it_is_the_record(run, files):
    told = json.loads(run("checklists", "diff", *files(("at_least: 0.75", "at_least: 0.8")), "--json").out)

    assert [change["code"] for change in told["changes"]] == ["limit"]
    assert told["answers"]["confirm"] == ["GOV-01", "GOV-02"]


@pytest.mark.parametrize("columns", [50, 100])
def test_on_a_terminal_long_questions_hang_under_their_start(terminal, files, columns):
    old, new = files(("방침이 있습니까?", "경영진이 승인하고 해마다 검토하는 인공지능 방침이 있습니까? " * 3))
    screen = terminal(columns)
    show_difference(str(old), str(new), words("ko"), as_json=False)
    lines = screen.lines()
    place = next(n for n, line in enumerate(lines) if line.startswith("      후: "))

    assert [line for line in lines if cell_len(line) > columns and str(new) not in line] == []
    assert lines[place + 1].startswith(" " * 10)


def test_texts_of_somebody_else_cannot_steer_the_terminal(run, files):
    told = run("checklists", "diff", *files(("en: Is there a policy?", 'en: "Is there\\u202E?"'))).out

    assert "Is there�?" in told
    assert "\u202e" not in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_that_is_not_there_is_refused_in_one_line(run, tmp_path, lang):
    ran = run("checklists", "diff", "trustworthy-ai", tmp_path / "nowhere.yaml", lang=lang)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
