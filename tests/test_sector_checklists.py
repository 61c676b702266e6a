"""What the sector checklists say: what they settle of the general one, what they add, and that they run."""

import json
import re
import time
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reliability import resources
from reliability.checklist.read import Checklist, Item, names, read_checklist, validate
from reliability.submission.read import read_submission
from tests.small_case import assessed, by_item
from tests.test_checklist_content import FORBIDDEN, HANGUL

GENERAL = "trustworthy-ai"
SECTORS = ("credit", "education", "generative", "health", "hiring", "public-decisions")
PREFIX = {
    "credit": "CRD",
    "education": "EDU",
    "generative": "GEN",
    "health": "HLT",
    "hiring": "HIR",
    "public-decisions": "PUB",
}

GROUNDS, BARRED = "fairness.undeclared_grounds", "fairness.barred_inputs"
# Items that a sector adds and measures, by check; its other items are asked.
MEASURED = {
    "credit": {"CRD-01": GROUNDS, "CRD-02": BARRED},
    "education": {"EDU-01": GROUNDS, "EDU-02": BARRED},
    "generative": {},
    "health": {"HLT-01": GROUNDS},
    "hiring": {"HIR-01": GROUNDS, "HIR-02": BARRED},
    "public-decisions": {"PUB-01": GROUNDS, "PUB-02": BARRED},
}
COUNT = {"credit": 9, "education": 10, "generative": 11, "health": 10, "hiring": 10, "public-decisions": 10}
CRITICAL = {"EDU-05", "GEN-06", "HLT-02", "HLT-07", "PUB-03"}
MINOR = {"CRD-06", "CRD-08", "EDU-10", "GEN-04", "GEN-11", "HIR-09", "HIR-10", "HLT-10", "PUB-06", "PUB-09"}
ESCALATE = {
    "CRD-03": {"critical": "kr_high_impact"},
    "EDU-03": {"critical": "kr_high_impact"},
    "GEN-08": {"critical": "processes_personal_data"},
    "HIR-07": {"critical": "kr_high_impact"},
    "HLT-05": {"critical": "kr_high_impact"},
    "HLT-10": {"major": "kr_high_impact"},
    "PUB-04": {"critical": "kr_high_impact"},
    "PUB-06": {"major": "kr_high_impact"},
    "PUB-08": {"critical": "kr_high_impact"},
}

# What a sector that decides about people settles: fact names that no longer stand in the conditions.
ABOUT_PEOPLE = {
    "DAT-06": None,
    "FAI-01": None,
    "FAI-02": "classification",
    "FAI-03": "classification and labels_available",
    "FAI-04": "classification and two_or_more_sensitive",
    "FAI-05": "classification",
    "FAI-07": "regression",
    "FAI-08": "classification",
    "XTR-04": None,
    "XTR-05": None,
    "PRI-03": None,
    "HOV-03": None,
}
SETTLED = {
    "credit": ABOUT_PEOPLE,
    "education": ABOUT_PEOPLE,
    "generative": dict.fromkeys(["ROB-04", "XTR-02", "XTR-03", "SEC-03"]),
    "health": {
        "DAT-06": None, "FAI-01": None, "FAI-03": "classification and labels_available", "XTR-05": None, "PRI-03": None,
    },
    "hiring": ABOUT_PEOPLE | {"FAI-06": None},
    "public-decisions": ABOUT_PEOPLE,
}  # fmt: skip
SEVERITY = {"health": {"FAI-02": "minor", "FAI-05": "minor"}, "hiring": {"FAI-05": "critical"}}
REWORDED = {"health": {"FAI-02", "FAI-05"}}
MORE_REPORTED = {
    "credit": {
        "FAI-02": {
            "fairness.mantel_haenszel_selection_ratio", "fairness.standardized_selection_rate_difference",
        },
    },
    "health": {"PER-01": {"performance.recall", "performance.specificity", "performance.precision"}},
}  # fmt: skip

# The law without which a sector's checklist would not be one.
LAW = {
    "credit": {"신용정보법-36의2", "신용정보법-36", "금융소비자보호법-15", "KR-2-4-사", "EU-Annex-III-5-b"},
    "education": {"KR-2-4-차", "교육기본법-4", "EU-Annex-III-3", "EU-5-1-f", "PIPA-22의2"},
    "generative": {"KR-31-3", "KRD-23-3", "EU-50-4", "NIST-600-1-confabulation", "NIST-600-1-value-chain", "저작권법"},
    "health": {"KR-2-4-다", "KR-2-4-라", "디지털의료제품법", "PIPA-23", "EU-6-1"},
    "hiring": {
        "채용절차법-4의3", "고용정책기본법-7-1", "남녀고용평등법-2-1", "남녀고용평등법-7",
        "연령차별금지법-4의4-2", "장애인차별금지법", "KR-2-4-사", "EU-Annex-III-4", "29-CFR-1607.4-D",
    },
    "public-decisions": {"KR-2-4-자", "행정기본법-20", "행정절차법-23", "KR-30-4", "EU-Annex-III-5-a", "EU-49-3"},
}  # fmt: skip

# Names of columns that speak of a ground, and what a sector makes of them: undeclared, and barred as an input.
NAMED = [
    ("hiring", "성별", True, True),
    ("hiring", "applicant_age", True, True),
    ("hiring", "학력", True, False),
    ("hiring", "출신대학", True, True),
    ("hiring", "국적", True, True),
    ("hiring", "직무점수", False, False),
    ("hiring", "company_age", False, False),
    ("hiring", "다국적기업_경력", False, False),
    ("credit", "gender", True, True),
    ("credit", "나이", True, False),
    ("credit", "장애여부", True, False),
    ("credit", "혼인여부", True, True),
    ("credit", "연소득", False, False),
    ("credit", "account_age", False, False),
    ("credit", "재산세", False, False),
    ("credit", "political_donor", False, True),
    ("education", "sex", True, False),
    ("education", "다문화가정", True, True),
    ("education", "father_occupation", False, True),
    ("education", "부모학력", False, True),
    ("education", "전과목평균", False, False),
    ("education", "parental_consent", False, False),
    ("health", "age", True, None),
    ("health", "의료급여", True, None),
    ("health", "수면장애", False, None),
    ("health", "gestational_age", False, None),
    ("health", "골연령", False, None),
    ("public-decisions", "disability", True, False),
    ("public-decisions", "종교", True, True),
    ("public-decisions", "party_membership", False, True),
    ("public-decisions", "소득인정액", False, False),
    ("public-decisions", "building_age", False, False),
]
LIMITS = ("at_least", "at_most", "between", "equals")


@cache
def read(name: str) -> Checklist:
    return read_checklist(name)


def item(name: str, id_: str) -> Item:
    return read(name).item(id_)


def general() -> dict[str, Item]:
    return {one.id: one for one in read(GENERAL).items}


def own(name: str) -> list[Item]:
    """Items that a sector adds."""
    return [one for one in read(name).items if one.id not in general()]


def kept(name: str) -> list[Item]:
    """Items that a sector has from the general checklist."""
    return [one for one in read(name).items if one.id in general()]


def texts(one: Item) -> dict[str, dict[str, str]]:
    found = {key: getattr(one, key) for key in ("title", "requirement", "ask", "evidence", "remedy")}
    return {f"{one.id}.{key}": dict(text) for key, text in found.items() if text}


def written(name: str) -> dict[str, dict[str, str]]:
    """Texts that stand in a sector's own file."""
    shared = {where: text for one in general().values() for where, text in texts(one).items()}
    mine = {where: text for one in read(name).items for where, text in texts(one).items()}
    return {where: text for where, text in mine.items() if shared.get(where) != text}


def words_of(name: str, id_: str) -> dict[str, Any]:
    return item(name, id_).criteria[0].with_


# ---- what is there


def test_every_sector_is_shipped() -> None:
    assert set(SECTORS) <= set(names())


@pytest.mark.parametrize("name", SECTORS)
def test_head_is_the_general_one_but_for_the_name(name: str) -> None:
    one, other = read(name), read(GENERAL)

    assert (one.id, one.version) == (name, {"generative": "2.0.1"}.get(name, "1.1.0"))
    assert (one.decision, one.outcome) == (other.decision, other.outcome)
    assert set(one.title) == {"ko", "en"}
    assert "점검표" in one.title["ko"]


@pytest.mark.parametrize("name", SECTORS)
def test_items_are_added_in_one_section_in_order(name: str) -> None:
    added = own(name)

    assert {one.section for one in added} == {PREFIX[name]}
    assert [one.id for one in added] == [f"{PREFIX[name]}-{place:02}" for place in range(1, COUNT[name] + 1)]


def test_no_id_is_used_by_two_sectors() -> None:
    ids = [one.id for name in SECTORS for one in own(name)]

    assert len(ids) == len(set(ids)) == sum(COUNT.values())


@pytest.mark.parametrize("name", SECTORS)
def test_measured_items_are_the_agreed_ones_and_the_rest_is_asked(name: str) -> None:
    assert {one.id: one.criteria[0].check for one in own(name) if one.criteria} == MEASURED[name]
    assert {one.id for one in own(name) if one.ask} == {one.id for one in own(name)} - set(MEASURED[name])


@pytest.mark.parametrize("name", SECTORS)
def test_severity_and_escalation_are_the_agreed_ones(name: str) -> None:
    for one in own(name):
        expected = "critical" if one.id in CRITICAL else "minor" if one.id in MINOR else "major"
        assert (one.id, one.severity, dict(one.escalate)) == (one.id, expected, ESCALATE.get(one.id, {}))


@pytest.mark.parametrize("name", SECTORS)
def test_items_of_a_sector_apply_always(name: str) -> None:
    assert [one.id for one in own(name) if one.when] == []


# ---- what is settled of the general checklist


@pytest.mark.parametrize("name", SECTORS)
def test_conditions_that_the_sector_settles_are_gone_and_no_other(name: str) -> None:
    conditions = {one.id: one.when for one in kept(name)}
    changed = {id_: when for id_, when in conditions.items() if when != general()[id_].when}

    assert changed == SETTLED[name]


@pytest.mark.parametrize("name", SECTORS)
def test_severity_of_general_items_changes_only_where_agreed(name: str) -> None:
    changed = {one.id: one.severity for one in kept(name) if one.severity != general()[one.id].severity}

    assert changed == SEVERITY.get(name, {})


@pytest.mark.parametrize("name", SECTORS)
def test_general_items_keep_their_wording_but_where_agreed(name: str) -> None:
    changed = {one.id for one in kept(name) if texts(one) != texts(general()[one.id])}

    assert changed == REWORDED.get(name, set()) | ASKED_INSTEAD.get(name, set())


# Of tables they are measured; of generated text they are asked.
ASKED_INSTEAD = {"generative": {"ROB-02", "ROB-03", "PRI-02"}}


@pytest.mark.parametrize("name", SECTORS)
def test_general_items_keep_their_limits_and_only_report_more(name: str) -> None:
    for one in (one for one in kept(name) if one.id not in ASKED_INSTEAD.get(name, set())):
        before, now = general()[one.id].criteria, one.criteria
        added = {criterion.check for criterion in now if criterion not in before}
        assert added == MORE_REPORTED.get(name, {}).get(one.id, set()), one.id
        assert all(criterion.report for criterion in now if criterion not in before)
        assert [criterion for criterion in before if criterion not in now] == [], one.id


@pytest.mark.parametrize("name", [name for name in SECTORS if name != "hiring"])
def test_escalation_by_hiring_is_settled_outside_hiring(name: str) -> None:
    assert "FAI-06" not in {one.id for one in read(name).items}
    assert [one.id for one in read(name).items if "hiring" in (one.when or "") + json.dumps(dict(one.escalate))] == []


def test_hiring_holds_barred_inputs_to_the_law_always() -> None:
    one = item("hiring", "FAI-06")

    assert (one.when, one.severity, one.criteria[0].source) == (None, "critical", "채용절차법 제4조의3")
    assert (item("hiring", "FAI-05").severity, dict(item("hiring", "FAI-05").escalate)) == ("critical", {})


def test_generative_asks_only() -> None:
    assert [one.id for one in read("generative").items if one.criteria] == []
    measured = {one.id for one in general().values() if one.criteria}
    assert set(general()) - {one.id for one in read("generative").items} == measured - ASKED_INSTEAD["generative"]
    assert all(item("generative", name).ask for name in ASKED_INSTEAD["generative"])


@pytest.mark.parametrize("name", [name for name in SECTORS if name != "generative"])
def test_nothing_else_is_dropped(name: str) -> None:
    gone = set(general()) - {one.id for one in read(name).items}

    assert gone == (set() if name == "hiring" else {"FAI-06"})


# ---- limits and lists


def own_criteria() -> list[tuple[str, Any]]:
    return [(one.id, criterion) for name in SECTORS for one in own(name) for criterion in one.criteria]


@pytest.mark.parametrize(("id_", "criterion"), own_criteria())
def test_counts_of_columns_are_judged_exactly_by_a_house_limit_of_none(id_: str, criterion: Any) -> None:
    assert criterion.rule == "exact", id_
    assert criterion.source == "house default", id_
    assert [getattr(criterion, limit) for limit in LIMITS if getattr(criterion, limit) is not None] == [0], id_


@pytest.mark.parametrize(("id_", "criterion"), own_criteria())
def test_lists_of_words_are_in_both_languages_once_each_with_their_law(id_: str, criterion: Any) -> None:
    words = criterion.with_["words"]
    korean = [word for word in words if HANGUL.search(word)]

    assert len(words) == len(set(words)) > 15, id_
    assert 6 <= len(korean) < len(words), id_
    assert re.search(r"법 제\d+조", criterion.with_["law"]), id_
    assert not set(words) & set(criterion.with_.get("apart_from", ())), id_


@pytest.mark.parametrize(("id_", "criterion"), own_criteria())
def test_what_is_left_out_would_be_found_otherwise(id_: str, criterion: Any) -> None:
    words, spared = criterion.with_["words"], criterion.with_.get("apart_from", ())

    def speaks(phrase: str) -> bool:
        parts = phrase.split()
        return any(word in phrase if HANGUL.search(word) else word in (*parts, phrase) for word in words)

    assert [phrase for phrase in spared if not speaks(phrase)] == [], id_


def test_house_lists_are_said_to_be_ours() -> None:
    ours = [(name, id_) for name in SECTORS for id_, check in MEASURED[name].items() if check == BARRED]

    assert len(ours) == 4
    for name, id_ in ours:
        assert item(name, id_).requirement["ko"].endswith("기관의 기본 기준이다."), id_
        assert item(name, id_).requirement["en"].endswith("is a house rule."), id_


@pytest.mark.parametrize("name", SECTORS)
def test_the_borrowed_line_is_still_said_to_be_borrowed(name: str) -> None:
    borrowed = {"fairness.selection_rate_ratio", "fairness.scoring_rate_ratio"}
    for one in read(name).items:
        if borrowed & {criterion.check for criterion in one.criteria}:
            assert one.id == "FAI-04" or "국내법이 정한 수치가 아니다" in one.requirement["ko"], one.id
            assert {criterion.source for criterion in one.criteria if not criterion.report} == {"house default"}


@pytest.mark.parametrize("name", [name for name in SECTORS if MEASURED[name]])
def test_what_is_barred_as_an_input_is_mostly_a_ground_to_declare(name: str) -> None:
    ids = {check: id_ for id_, check in MEASURED[name].items()}
    if BARRED not in ids:
        assert name == "health"
        return
    barred, grounds = (set(words_of(name, ids[check])["words"]) for check in (BARRED, GROUNDS))

    assert len(barred & grounds) >= len(barred) / 3


# ---- wording


@pytest.mark.parametrize("name", names())
def test_shipped_texts_claim_nothing_that_this_body_may_not_claim(name: str) -> None:
    content = json.dumps(read(name).content, ensure_ascii=False)

    assert not FORBIDDEN.search(content)


@pytest.mark.parametrize("name", names())
def test_certification_is_spoken_of_only_where_a_certificate_is_meant(name: str) -> None:
    spoken = [where for one in read(name).items for where, text in texts(one).items() if "인증" in text["ko"]]
    # Certificates that others issue, and authentication in two steps.
    left = [where for where in spoken if where not in ("SEC-04.evidence", "SEC-04.remedy")]

    assert [where for where in left if name != "certification" or not where.startswith("CRT-")] == []
    assert ("인증" in read(name).title["ko"]) == (name == "certification")


@pytest.mark.parametrize("name", SECTORS)
def test_texts_are_there_in_both_languages(name: str) -> None:
    for where, text in written(name).items():
        assert set(text) == {"ko", "en"}, where
        assert HANGUL.search(text["ko"]), where
        assert not HANGUL.search(text["en"]), where
        assert all(one == one.strip() != "" for one in text.values()), where


@pytest.mark.parametrize("name", SECTORS)
def test_questions_are_polite_and_at_most_two_sentences(name: str) -> None:
    for where, text in written(name).items():
        if where.endswith(".ask"):
            assert re.search(r"니까\?", text["ko"]), where
            assert re.search(r"(니다\.|니까\?)$", text["ko"]), where
            assert "?" in text["en"], where
            assert all(len(re.findall(r"[.?](?=\s|$)", one)) <= 2 for one in text.values()), where


@pytest.mark.parametrize("name", SECTORS)
def test_other_texts_are_in_plain_formal_korean(name: str) -> None:
    for where, text in written(name).items():
        if where.endswith((".requirement", ".evidence", ".remedy")):
            assert re.search(r"다\.$", text["ko"]), where
            assert not re.search(r"((?<!아)니다|세요|니까)[.?]", text["ko"]), where


@pytest.mark.parametrize("name", SECTORS)
def test_evidence_and_remedy_say_who_usually_has_or_does_it(name: str) -> None:
    for where, text in written(name).items():
        if where.endswith((".evidence", ".remedy")):
            assert "보통 " in text["ko"], where
            assert "Usually " in text["en"], where


@pytest.mark.parametrize("name", SECTORS)
def test_numbers_in_evidence_are_called_house_defaults(name: str) -> None:
    for where, text in written(name).items():
        if where.endswith(".evidence") and re.search(r"\d", text["en"].replace("SHA-256", "")):
            assert "기관 기본값" in text["ko"], where
            assert "house default" in text["en"], where


@pytest.mark.parametrize("name", SECTORS)
def test_own_items_are_complete_and_cite_plain_keys(name: str) -> None:
    for one in own(name):
        assert all((one.title, one.requirement, one.remedy, one.references)), one.id
        assert len(one.references) == len(set(one.references)), one.id
        assert [key for key in one.references if re.search(r"\s", key)] == [], one.id


@pytest.mark.parametrize("name", SECTORS)
def test_the_sectors_law_is_cited(name: str) -> None:
    cited = {key for one in read(name).items for key in one.references}

    assert LAW[name] <= cited


@pytest.mark.parametrize("name", SECTORS)
def test_own_items_name_a_requirement_of_the_guide(name: str) -> None:
    cited = [sum(key.startswith("TTA-") for key in one.references) > 0 for one in own(name)]

    assert sum(cited) >= len(cited) - 3


# ---- they run


STATED = ("affects_people", "decides_about_people", "generative", "hiring", "processes_personal_data")
DENIED = "facts: {" + ", ".join(f"{fact}: {{is: false, because: 시험}}" for fact in STATED) + "}\n"


def submitted(folder, *, sensitive=(), facts="", **columns):
    """A small submission with predictions whose columns have these names and values."""
    rows = 120
    place = np.arange(rows)
    truth = (place // 2) % 2
    table = pd.DataFrame({"score": place * 1.5, "y": truth, "pred": np.where(place % 10 < 9, truth, 1 - truth)})
    for name, values in columns.items():
        table[name] = np.resize(values, rows)
    folder.mkdir(parents=True)
    table.to_csv(folder / "data.csv", index=False)
    (folder / "submission.yaml").write_text(
        "submission: 1\norganisation: {name: 온고을}\n"
        'system: {name: 모델, version: "1.0", purpose: 제안한다}\n'
        f"task: binary\n{facts}"
        "data: {evaluation: data.csv, target: y, favourable: 1, prediction: pred, "
        f"sensitive: {json.dumps(list(sensitive), ensure_ascii=False)}}}\n",
        encoding="utf-8",
    )
    return read_submission(folder)


def verdicts(name, submission, out):
    return {id_: finding.verdict for id_, finding in by_item(assessed(submission, read(name), out)).items()}


@pytest.mark.parametrize("name", SECTORS)
def test_a_sector_assesses_a_small_submission(name: str, tmp_path) -> None:
    submission = submitted(tmp_path / "in", sensitive=["성별"], 성별=["F", "M", "M"], income=[10, 20, 30, 40])
    assessment = assessed(submission, read(name), tmp_path / "case")
    found = by_item(assessment)

    assert list(found) == [one.id for one in read(name).items]
    assert assessment.checklist.id == name
    assert assessment.outcome in ("undetermined", "does_not_conform")
    for one in own(name):
        assert found[one.id].verdict == ("pass" if one.criteria else "not_assessed"), one.id


@pytest.mark.parametrize("name", SECTORS)
def test_what_the_sector_settles_applies_whatever_the_applicant_denies(name: str, tmp_path) -> None:
    submission = submitted(
        tmp_path / "in", sensitive=["성별", "sex"], facts=DENIED, 성별=["F", "M", "M"], sex=["F", "M"]
    )
    found = verdicts(name, submission, tmp_path / "case")

    assert [id_ for id_ in SETTLED[name] if found[id_] == "not_applicable"] == [
        id_ for id_ in SETTLED[name] if id_ == "FAI-07"
    ]


def test_hiring_fails_what_the_law_bars_and_what_is_not_declared(tmp_path) -> None:
    submission = submitted(tmp_path / "in", sensitive=["성별"], 성별=["F", "M"], 키=[160, 170], 출신대학=["가", "나"])
    found = by_item(assessed(submission, read("hiring"), tmp_path / "case"))

    assert (found["FAI-06"].verdict, found["FAI-06"].severity) == ("fail", "critical")
    assert found["FAI-06"].criteria[0].measurements[0].details["names"] == ["키"]
    assert found["HIR-01"].criteria[0].measurements[0].details["names"] == ["출신대학"]
    assert [found[id_].verdict for id_ in ("HIR-01", "HIR-02")] == ["fail", "fail"]


def test_a_general_submission_is_not_held_to_what_hiring_bars(tmp_path) -> None:
    submission = submitted(tmp_path / "in", sensitive=["성별"], 성별=["F", "M"], assets=[160, 170])

    assert "FAI-06" not in verdicts("credit", submission, tmp_path / "case")
    assert verdicts("hiring", submission, tmp_path / "other")["FAI-06"] == "fail"


def test_strata_are_compared_beside_the_judged_rates_in_credit(tmp_path) -> None:
    submission = submitted(tmp_path / "in", sensitive=["sex"], sex=["F", "M"])
    criteria = by_item(assessed(submission, read("credit"), tmp_path / "case"))["FAI-02"].criteria

    assert {result.criterion.check: result.verdict for result in criteria[1:]} == dict.fromkeys(
        (result.criterion.check for result in criteria[1:]), "reported"
    )


@pytest.mark.parametrize(("name", "column", "is_ground", "is_barred"), NAMED)
def test_a_column_is_taken_for_what_its_name_says(name, column, is_ground, is_barred, tmp_path) -> None:
    ids = {check: id_ for id_, check in MEASURED[name].items()}
    only = tmp_path / "only.yaml"
    dropped = [one.id for one in read(name).items if one.id not in ids.values()]
    only.write_text(
        "checklist: only\nformat: 1\nversion: '1'\ntitle: {ko: 가, en: a}\n"
        f"extends: [{name}]\ndrop: {json.dumps(dropped)}\n",
        encoding="utf-8",
    )
    submission = submitted(tmp_path / "in", **{column: [1, 2]})
    found = by_item(assessed(submission, validate(only), tmp_path / "case"))

    assert found[ids[GROUNDS]].verdict == ("fail" if is_ground else "pass")
    assert (is_barred is None) == (BARRED not in ids)
    if is_barred is not None:
        assert found[ids[BARRED]].verdict == ("fail" if is_barred else "pass")


@pytest.mark.parametrize("name", [name for name in SECTORS if MEASURED[name]])
def test_what_is_declared_is_no_longer_missed(name: str, tmp_path) -> None:
    id_ = next(id_ for id_, check in MEASURED[name].items() if check == GROUNDS)
    left = submitted(tmp_path / "left", sensitive=[], 성별=["F", "M"])
    declared = submitted(tmp_path / "declared", sensitive=["성별"], 성별=["F", "M"])

    assert verdicts(name, left, tmp_path / "one")[id_] == "fail"
    assert verdicts(name, declared, tmp_path / "two")[id_] == "pass"


def test_all_shipped_checklists_are_read_fast() -> None:
    started = time.process_time()
    for name in names():
        read_checklist(name)

    assert time.process_time() - started < 10


@pytest.mark.parametrize("name", SECTORS)
def test_a_sector_is_accepted_by_its_path(name: str) -> None:
    assert validate(resources.checklists() / f"{name}.yaml").sha256 == read(name).sha256
