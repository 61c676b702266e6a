import pytest

from reliability.changes import Promise
from reliability.compare.cases import Case
from reliability.compare.comparison import compare
from reliability.reports.comparison_pages import comparison_page
from reliability.reports.comparison_promises import promises_view
from reliability.words.text import LANGUAGES, words
from tests.reports.advised import number, ratio
from tests.reports.sample import assessment


def promise(found=0.88, kept=True, **told):
    named = {"promised": ratio((0.91, 0.83, 0.99)), "low": 0.8, "high": 1.0} | told
    new = None if found is None else ratio((found, found - 0.05, found + 0.05))
    return Promise(item="FAI-02", criterion=0, found=new, kept=kept, **named)


def comparison(*promises):
    sides = Case(assessment=assessment()), Case(assessment=assessment(seed=1))
    return compare(*sides).model_copy(update={"promises": promises})


def lines(*promises, lang="en"):
    return promises_view(comparison(*promises), words(lang)).lines


def test_a_promise_stands_beside_what_came_of_it_and_where_that_may_lie():
    (line,) = lines(promise())

    assert line.name == "Selection-rate ratio between groups · sex"
    assert (line.promised, line.found) == ("0.91 [0.83 – 0.99]", "0.88 [0.83 – 0.93]")
    assert (line.range, line.word, line.kept) == ("0.80 – 1.00", "kept", True)


def test_promises_that_were_kept_are_counted():
    told = promises_view(comparison(promise(), promise(0.6, kept=False)), words("en"))

    assert [line.word for line in told.lines] == ["kept", "not kept"]
    assert told.sum == "1 of 2 promises were kept."


def test_what_the_new_version_does_not_have_is_not_known():
    (line,) = lines(promise(None, kept=None, low=None, high=None))

    assert (line.word, line.range) == ("not known", "")
    assert line.found == words("en").text("report.not_measured")


def test_a_group_too_small_to_tell_has_no_figure():
    many = number("performance.accuracy", (0.9, 0.8, 1.0), "share", by=("지점",)).model_copy(
        update={"slice": {"지점": "전주"}}
    )
    few = many.model_copy(update={"n": 3})
    shown, hidden = (lines(promise(promised=many).model_copy(update={"found": each}))[0] for each in (many, few))

    assert shown.found == "90.0% [80.0% – 100.0%]"
    assert (hidden.promised, hidden.found, hidden.range) == ("–", "–", "")


def test_without_advice_there_are_no_promises():
    assert promises_view(comparison(), words("en")) is None
    assert 'id="promises"' not in comparison_page(comparison(), lang="en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_tells_every_promise_and_how_they_are_held(lang):
    page = comparison_page(comparison(promise(), promise(0.6, kept=False), promise(None, kept=None)), lang=lang)

    for key in ("kept", "broken", "unknown"):
        assert words(lang).text(f"compare.promise.{key}") in page
    assert words(lang).text("compare.promise.note") in page
