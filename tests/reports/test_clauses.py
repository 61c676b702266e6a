import pytest

from reliability.checklist.references import CONFIRMED, references
from reliability.reports.clauses import Citations
from reliability.screening.questions import shipped_questions
from reliability.words.text import words

LISTED = references().entries


def citations(lang="en"):
    return Citations(references=references(), words=words(lang))


@pytest.mark.parametrize(
    ("key", "mark"), [("KR-33-1", ""), ("MSIT-HIGH-IMPACT-2026", "†"), ("KRD-25", "†"), ("made-up", "†")]
)
def test_a_clause_not_confirmed_is_marked(key, mark):
    (cited,) = citations().cited((key,))

    assert (cited.key, cited.mark) == (key, mark)


def test_a_mark_stands_exactly_where_the_list_says_unconfirmed():
    marked = {one.key for one in citations().cited(LISTED) if one.mark}

    assert marked == {key for key, entry in LISTED.items() if entry.basis not in CONFIRMED}


def test_clauses_stand_once_under_their_works_in_the_order_of_mention():
    works = list(citations().works(["EU-9", "KR-33-1", "EU-10", "KR-33-1", "KR-31-1"]))

    assert [[one.cited.key for one in work.clauses] for work in works] == [["EU-9", "EU-10"], ["KR-33-1", "KR-31-1"]]
    assert works[1].title == "AI Basic Act of Korea"
    assert works[1].issued == "Act No. 21311 (2026-01-20), National Assembly of the Republic of Korea"


def test_a_clause_tells_its_title_how_it_is_known_and_when_it_was_checked():
    (work,) = citations("ko").works(["KR-33-1"])

    assert work.clauses[0].title == LISTED["KR-33-1"].title["ko"]
    assert (work.clauses[0].known, work.clauses[0].checked) == ("원문", LISTED["KR-33-1"].checked)


def test_a_clause_that_is_not_listed_stands_by_its_key_alone():
    (work,) = citations().works(["made-up"])
    clause = work.clauses[0]

    assert (work.title, work.issued) == ("Clauses not in the list of references", "")
    assert (clause.cited.key, clause.title, clause.checked) == ("made-up", "", "")
    assert clause.known == "unconfirmed (not listed)"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_basis_has_words_and_only_the_unconfirmed_say_so(lang):
    known = {
        basis: words(lang).text(f"report.screening.basis.{basis}") for basis in {one.basis for one in LISTED.values()}
    }
    doubtful = {basis for basis, told in known.items() if "미확인" in told or "unconfirmed" in told}

    assert doubtful == set(known) - CONFIRMED


def test_every_clause_of_the_screening_is_in_the_list():
    text = shipped_questions().text
    parts = (text.questions, text.branches, text.duties, text.confirm)
    keys = {key for part in parts for one in part for key in one.references}

    assert references().unknown(sorted(keys)) == ()
