import itertools
import re
import shutil
import subprocess
from datetime import date
from functools import cache

import pytest

from reliability.checklist.references import references
from reliability.errors import RecordError
from reliability.records import canonical_json
from reliability.reports.document import Amendment, DocumentRecord, Issuer, Signatory
from reliability.reports.render import render_screening, screening_page
from reliability.reports.screening import screening_view
from reliability.screening.questions import shipped_questions
from reliability.screening.record import Screening
from reliability.words.text import words
from tests.reports.screening_sample import CASES, CREDIT, EVERYTHING, named, screened
from tests.reports.test_render import EMOJI, HOSTILE, Text

LANGUAGES = ("ko", "en")
FORBIDDEN = ("KOLAS 공인", "CAT 인증", "AI 기본법 적합", "ISO certified", "ISO/IEC 42001 certified", "적합 판정")
ISSUER = Issuer(name="전북 인공지능 신뢰성 허브", signatories=(Signatory(name="이도현", role="점검 책임자"),))
DOCUMENT = DocumentRecord(kind="screening", number="SR-2026-3", issued=date(2026, 11, 28), issuer=ISSUER)
UNISSUED = DocumentRecord(kind="screening")
poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")


@cache
def case(name):
    return screened(CASES[name])


def view(record, lang="en"):
    return screening_view(record, DOCUMENT, words=words(lang), questions=shipped_questions(), references=references())


def page(record, lang="en", document=DOCUMENT):
    return Text(screening_page(record, document, lang=lang))


@cache
def page_of(name, lang):
    return screening_page(case(name), DOCUMENT, lang=lang)


@cache
def pdf_of(name, lang):
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    return render_screening(case(name), DOCUMENT, lang=lang, format="pdf")


def kept(content, folder):
    path = folder / "s.pdf"
    path.write_bytes(content)
    return path


def text_of(path, *options):
    told = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, check=True)
    return " ".join(told.stdout.decode("utf-8").split())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_every_screening_renders_whole(name, lang):
    written = page_of(name, lang)
    levels = [int(level) for level in re.findall(r"<h([1-6])", written)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert written.count("<svg") == len(re.findall(r"<svg[^>]*>\s*<title>[^<]", written))
    assert written.endswith("</html>")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_no_forbidden_claim_is_printed(name, lang):
    told = Text(page_of(name, lang)).text()

    assert [claim for claim in FORBIDDEN if claim.casefold() in told.casefold()] == []


@pytest.mark.parametrize("name", CASES)
def test_no_id_stands_where_words_should(name):
    told = Text(page_of(name, "ko")).text()
    ids = {one for record in (case(name),) for one in (*record.actions, *record.triggers, *record.cautions)}
    ids |= {one.duty for one in case(name).duties} | {one.confirm for one in case(name).confirm}

    assert [one for one in ids if "_" in one and one in told] == []


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("ko", "법률 자문이 아니다 | 정부 안내서(2026년 1월)의 내용이며 법 조문이 아니다 | 2026-11-20 | "
               "어떤 판정 규칙이나 기준값도 바꾸지 않는다 | 자체 양식 | 위험도 점검 문항 1.0.0 | 이도현 | – 끝 –"),
        ("en", "not legal advice | guidance of the ministry (January 2026), not statute | 2026-11-20 | "
               "it never changes a rule or a limit | our own form | Screening questions 1.0.0 | 이도현"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", CASES)
def test_every_report_says_what_it_is_and_is_not(name, lang, wanted):
    told = Text(page_of(name, lang)).text()

    assert [words for words in wanted.split(" | ") if words not in told] == []


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("likely", "The system is likely to be high-impact AI"),
        ("candidate", "The system may be high-impact AI; a person has to confirm"),
        ("not_high_impact", "By the answers given, the system is not high-impact AI"),
        ("out_of_scope", "By the answers given, the system lies outside the AI Basic Act"),
        ("nothing", "Open questions leave it unsettled whether the system is high-impact AI"),
        ("prohibited", "A function that the hub does not serve rules this system out"),
    ],
)
def test_heading_of_the_first_page_states_the_result(name, statement):
    assert view(case(name)).headings.statement == statement


@poppler
@pytest.mark.parametrize(
    ("lang", "name", "wanted"),
    [
        ("ko", "likely", "고영향 인공지능일 가능성이 높음 | 유럽연합과 관련 없음 | T3 높음 | 지금 할 일 | "
                         "법률 자문이 아니다"),
        ("en", "likely", "Likely to be | Not offered or used in the EU | T3 high | What to do next | "
                         "not legal advice"),
        ("en", "everything", "High-risk | T3 high | Head of operations | not legal advice | Reasoning"),
        ("en", "nothing", "Cannot be settled yet | It may still be: | The applicant | not legal advice | Reasoning"),
    ],
)  # fmt: skip
def test_first_page_holds_the_results_and_what_to_do(tmp_path, lang, name, wanted):
    told = text_of(kept(pdf_of(name, lang), tmp_path), "-l", "1")

    assert [words for words in wanted.split(" | ") if words not in told] == []


@poppler
@pytest.mark.parametrize("lang", LANGUAGES)
def test_prior_review_begins_a_page_and_ends_one(tmp_path, lang):
    said = words(lang).text
    pages = text_of(kept(pdf_of("likely", lang), tmp_path), "-layout").split(said("report.screening.foot"))
    begun = next(place for place, told in enumerate(pages) if said("report.screening.review.subject") in told)
    signed = next(place for place, told in enumerate(pages) if said("report.screening.review.opinion") in told)

    assert f"SR-2026-3 5 {said('report.screening.heading.review')}" in pages[begun]
    assert begun < signed
    assert "SR-2026-3 6 " in pages[signed + 1]


@poppler
def test_pdf_gives_its_korean_back_whole_and_the_same_bytes_twice(tmp_path, monkeypatch):
    path = kept(pdf_of("likely", "ko"), tmp_path)
    told = text_of(path)
    monkeypatch.setenv("TZ", "Asia/Seoul")

    assert "\N{WORD JOINER}" not in told
    assert "마지막 결정에 사람이 실질적으로 개입하지 않는다" in told
    assert render_screening(case("likely"), DOCUMENT, lang="ko", format="pdf") == path.read_bytes()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_has_the_same_bytes_twice_also_of_a_record_read_back(lang):
    record = case("everything")
    again = Screening.model_validate_json(canonical_json(record))

    assert render_screening(record, DOCUMENT, lang=lang, format="html") == render_screening(
        again, DOCUMENT, lang=lang, format="html"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_stands_on_its_own(lang):
    written = render_screening(case("everything"), DOCUMENT, lang=lang, format="html")
    read = Text(written.decode("utf-8"))
    links = [value for name, value in read.attributes if name in {"src", "href"}]
    marks = {value for name, value in read.attributes if name == "id"}

    assert len(written) < 1_000_000
    assert links
    assert [one for one in links if one.removeprefix("#") not in marks] == []


def hostile():
    record = screened(CREDIT, by=HOSTILE, because=HOSTILE)
    return named(record, organisation=HOSTILE, system=HOSTILE, purpose=HOSTILE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_prints_as_text_wherever_it_stands(lang):
    issuer = Issuer(name=HOSTILE, address=HOSTILE, signatories=(Signatory(name=HOSTILE, role=HOSTILE),))
    read = page(hostile(), lang, DOCUMENT.model_copy(update={"issuer": issuer, "number": HOSTILE}))

    assert not {"link", "script", "iframe", "object"} & set(read.tags)
    assert "".join(read.words).count(HOSTILE) >= 30
    assert ">49<" not in screening_page(hostile(), DOCUMENT, lang=lang)


def test_control_characters_are_shown_by_their_number():
    record = named(case("likely"), organisation="a\x1bb\u202ec", system="x\0", purpose="y\x9b")
    written = screening_page(record, DOCUMENT, lang="ko")

    assert "a⟨U+001B⟩b⟨U+202E⟩c" in written
    assert [one for one in "\x1b\u202e\0\x9b" if one in written] == []


@poppler
def test_long_names_and_reasons_stay_on_their_pages(tmp_path):
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    long = "가나다라마바사아자차" * 8
    record = screened(EVERYTHING, by=long)
    reason = f"{long} {EMOJI} {'끝없는이유' * 300}"
    told = [
        one.model_copy(update={"because": reason}) if place < 3 else one for place, one in enumerate(record.answers)
    ]
    record = record.model_copy(update={"answers": tuple(told)})
    record = named(record, organisation=long, system=long, purpose=long * 4)
    path = kept(render_screening(record, DOCUMENT, lang="ko", format="pdf"), tmp_path)
    told = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True).stdout.decode()
    places = re.findall(r'xMin="([-0-9.]+)" yMin="[-0-9.]+" xMax="([-0-9.]+)" yMax="([-0-9.]+)"', told)

    assert len(places) > 500
    assert [place for place in places if float(place[0]) < 50 or float(place[1]) > 550 or float(place[2]) > 842] == []
    assert "허브 위험 등급" in text_of(path, "-l", "1")


def test_report_says_when_nobody_issued_it():
    assert "발급 정보 없음" in page(case("likely"), "ko", UNISSUED).text()
    assert "Not issued" in page(case("likely"), "en", UNISSUED).text()


def test_report_names_the_document_it_replaces():
    replaced = Amendment(number="SR-2026-2", reason="오기 정정")
    amended = DOCUMENT.model_copy(update={"amends": replaced})

    assert "SR-2026-2" in page(case("likely"), "ko", amended).text()


def test_screening_of_other_questions_is_refused_rather_than_worded_wrongly():
    record = case("likely")
    other = record.model_copy(update={"questions": record.questions.model_copy(update={"sha256": "0" * 64})})

    with pytest.raises(RecordError, match="run 'reliability screen' again"):
        screening_page(other, DOCUMENT, lang="ko")


@pytest.mark.parametrize("name", CASES)
def test_every_answer_duty_and_matter_to_confirm_stands_in_its_table(name):
    record, told = case(name), view(case(name))

    assert [one.number for one in told.answers] == list(range(1, len(record.answers) + 1))
    assert len(told.duties) == len(record.duties)
    assert len(told.confirm) == len(record.confirm)
    assert len(told.triggers) == len(record.triggers)
    assert sum(len(one.others) for one in told.changes) == len(record.changes)


def test_actions_for_the_decider_are_the_first_three_of_the_record():
    record = case("everything")
    told = view(record).first.actions

    assert len(told) == 3 < len(record.actions)
    assert told[0] == next(one.text.en for one in shipped_questions().text.actions if one.id == record.actions[0])


def test_first_page_says_what_it_is_not_even_of_a_record_that_leaves_it_out():
    record = case("likely").model_copy(update={"cautions": ()})

    assert [told.split(",")[0] for told in view(record).first.notices][:2] == [
        "This result follows from the answers given; it is not legal advice.",
        "The criterion of a human in the final decision is guidance of the ministry (January 2026)",
    ]


def test_open_questions_that_decide_come_first_and_the_rest_by_number():
    first = view(case("nothing")).first
    deciding = [one for one in case("nothing").open if one.decides]

    assert len(first.open_questions) == 2
    assert first.more_open == f"{len(deciding) - 2} more questions that decide a result are open."


def test_one_more_is_told_as_one():
    record = case("nothing")
    three = [one for one in record.open if one.decides][:3]

    assert view(record.model_copy(update={"open": tuple(three)})).first.more_open.startswith("One more question")


def test_matters_to_confirm_that_do_not_fit_are_told_by_number():
    first = view(case("everything")).first

    assert len(first.confirm) == 3
    assert first.more_confirm == f"{len(case('everything').confirm) - 3} more are in section 2."


def test_first_page_says_when_nothing_is_left_to_confirm():
    record = screened(CREDIT, sector_law=("none",), kr_domains=("none",), supports=("recommendation",))
    told = view(record)

    assert (record.confirm, told.first.open_questions) == ((), ())
    assert "The answers raise nothing further for a person to confirm" in page(record).text()


@pytest.mark.parametrize("name", ["likely", "prohibited", "everything"])
def test_what_is_banned_or_weighs_heavily_always_leaves_something_to_confirm(name):
    record = case(name)

    assert record.confirm
    assert "nothing further" not in view(record).headings.confirm


@pytest.mark.parametrize(
    ("lang", "looked_at", "unconfirmed"),
    [
        ("ko", "살펴본 내용이며 †는", "아직 확인하지 않은 것이다"),
        ("en", "last looked at", "not yet confirmed"),
    ],
)
def test_law_that_was_only_looked_at_is_not_called_confirmed(lang, looked_at, unconfirmed):
    said = words(lang)

    assert looked_at in said.text("report.screening.as_of", dated="2026-11-20")
    assert unconfirmed in said.text("report.screening.heading.references", n=3, of=9)


@pytest.mark.parametrize("one", [one.id for one in shipped_questions().text.confirm])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_matter_to_confirm_names_by_whom(one, lang):
    assert words(lang).text(f"report.screening.who.{one}")


def test_matter_without_words_for_its_person_falls_to_the_applicant():
    record = case("candidate")
    unknown = record.confirm[0].model_copy(update={"confirm": "made_up"})
    told = view(record.model_copy(update={"confirm": (unknown,)})).confirm[0]

    assert (told.text, told.who) == ("made_up", "The applicant’s person in charge")


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("likely", "8 duties bind, 2 duties ask for endeavour, 1 duty is still open"),
        ("nothing", "31 duties are still open"),
        ("parts", "No duty follows from the answers"),
    ],
)
def test_heading_of_duties_counts_them_by_force(name, heading):
    told, kinds = view(case(name)).headings.duties, [one.force if one.applies else "open" for one in case(name).duties]
    expected = re.sub(r"\d+", "{}", heading)

    assert re.sub(r"\d+", "{}", told) == expected
    assert [int(n) for n in re.findall(r"\d+", told)] == [
        kinds.count(kind) for kind in ("must", "endeavour", "open") if kind in kinds
    ]


def test_duties_say_since_when_and_whether_they_are_in_force():
    told = {one.text: one for one in view(case("everything")).duties}
    rights = told["Assess the impact on fundamental rights before first use"]
    review = told["Review beforehand whether it is high-impact AI (keeping a record is advice of the hub)"]
    plan = told["Set up and run a plan of risk management"]

    assert (rights.law, rights.since, rights.state, rights.mark) == ("EU", "2027-12-02", "To come", "later")
    assert (review.force, review.since, review.state) == ("Must", "2026-01-22", "In force")
    assert (plan.state, plan.mark) == ("Open", "open")


def test_changes_tell_the_other_answer_and_only_what_would_differ():
    changes = {one.answer.brief: one.others for one in view(case("likely")).changes}
    others = changes["Final decision"]

    assert others[0][0] == ("Somebody reviews the substance, can decide otherwise, and does",)
    assert others[0][1][0] == "AI Basic Act of Korea: May be high-impact AI, to be confirmed"
    assert not any("Risk tier" in line for line in others[0][1])


def test_many_answers_that_lead_to_the_same_are_told_by_number():
    practices = next(one for one in view(case("likely")).changes if one.answer.brief == "Banned practices")

    assert len(practices.others[0][0]) == 4
    assert practices.others[0][0][-1] == "6 more"


def test_a_system_outside_the_law_would_have_no_tier():
    scope = next(one for one in view(case("likely")).changes if one.answer.brief == "AI system")

    assert "Risk tier of the hub: None" in scope.others[0][1]


@pytest.mark.parametrize(
    ("name", "heading"),
    [("out_of_scope", "Another answer to"), ("likely", "Another answer to any of")],
)
def test_heading_of_changes_counts_the_questions(name, heading):
    told = view(case(name))

    assert told.headings.changes.startswith(heading)
    assert str(len(told.changes)) in told.headings.changes or "one question" in told.headings.changes


def test_heading_says_when_no_single_answer_would_change_the_result():
    record = case("likely").model_copy(update={"changes": ()})

    assert view(record).headings.changes == "No single other answer would change a finding or the tier"
    assert '<table class="changes"' not in screening_page(record, DOCUMENT, lang="en")


def test_steps_are_counted_by_how_they_came_out():
    record = case("likely")
    holds = sum(step.met is True for step in record.steps)

    assert view(record).headings.steps == f"Of {len(record.steps)} steps {holds} hold, and none is open"
    assert view(case("nothing")).headings.steps.endswith("cannot be settled yet")


def test_references_hold_every_clause_that_the_record_cites():
    record = case("everything")
    cited = {key for part in (record.steps, record.duties, record.confirm) for one in part for key in one.articles}
    listed = {clause.cited.key for work in view(record).works for clause in work.clauses}

    assert listed == cited


def test_heading_of_references_counts_the_unconfirmed():
    told = view(case("likely"))
    doubtful = [clause for work in told.works for clause in work.clauses if clause.cited.mark]

    assert told.headings.references.startswith(f"{len(doubtful)} of the ")


def test_identification_names_questions_and_inputs_by_digest():
    record = case("likely")
    codes = [row.code for row in view(record).identification if row.code]

    assert codes == [f"sha256 {record.questions.sha256}", f"sha256 {record.digest.sha256}"]


def test_long_purpose_is_cut_on_the_first_page_and_whole_in_the_record_of_review():
    purpose = "승인 여부를 제안한다 " * 30
    told = view(named(case("likely"), organisation="가", system="나", purpose=purpose))

    assert told.first.subject[2].text.endswith("…")
    assert len(told.first.subject[2].text) <= 150
    assert purpose in [row.text for row in told.review.subject]
