import pytest

from reliability.reports.typeset import WORD_JOINER, keep_words_whole


def test_words_are_joined_inside_and_apart_between():
    assert keep_words_whole("<p>모델 평가</p>") == f"<p>모{WORD_JOINER}델 평{WORD_JOINER}가</p>"


@pytest.mark.parametrize(
    "page",
    [
        '<a title="모델 평가">x</a>',
        "<title>모델</title>",
        "<style>.가나 {}</style>",
        "<svg><text>모델</text></svg>",
        '<span class="x"><svg viewBox="0 0 1 1"><title>적합</title></svg></span>',
        "<pre>모델</pre>",
        "plain words",
    ],
)
def test_everything_but_text_stays_as_it_is(page):
    assert keep_words_whole(page) == page


def test_joiners_change_no_word():
    page = "<p>정확도(AUC)는 0.80 이상이다.</p><p>&lt;회사&gt;</p>"

    assert keep_words_whole(page).replace(WORD_JOINER, "") == page


def test_escaped_characters_are_not_cut():
    assert "&amp;" in keep_words_whole("<p>가&amp;나</p>")
