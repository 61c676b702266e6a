"""Edits of a YAML text: each puts in what it says and leaves the rest to the last byte."""

import pytest

from reliability.errors import SubmissionError
from reliability.questionnaire.splices import (
    append,
    below,
    child,
    compose,
    flow,
    in_brackets,
    is_empty,
    pairs,
    put,
    spliced,
)
from reliability.yaml_lines import parse_yaml


def data(text):
    return parse_yaml(text.encode(), error=SubmissionError, name="t.yaml").data


def with_key(text, key, value, *, behind=(), under=None):
    composed = compose(text)
    mapping = composed.root if under is None else child(composed.root, under)
    return spliced(text, [put(composed, mapping, key, value, behind=behind)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a: 1\n", "a: x\n"),
        ("a:   1   # why\n", "a:   x   # why\n"),
        ("a:\n", "a: x\n"),
        ("a:   # why\n", "a: x   # why\n"),
        ("a:\nb: 2\n", "a: x\nb: 2\n"),
        ("a: 'it''s'\n", "a: x\n"),
        ('a: "two\n  lines"\nb: 2\n', "a: x\nb: 2\n"),
        ("a: |\n  text\n  # no comment\nb: 2\n", "a: x\nb: 2\n"),
        ("a: >-\n  text\n\n# why\nb: 2\n", "a: x\n\n# why\nb: 2\n"),
        ("a: |+\n  text\n\n", "a: x\n\n"),
        ("{a: 1, b: 2}\n", "{a: x, b: 2}\n"),
        ("{a: , b: 2}\n", "{a: x , b: 2}\n"),
        ("{b: 2, a: }\n", "{b: 2, a: x }\n"),
        ('{"a":1}', '{"a": x}'),
        ("a: 1\r\nb: 2\r\n", "a: x\r\nb: 2\r\n"),
        ("a: [1, 2]  # why\n", "a: x  # why\n"),
        ("a:\n- 1\n- 2  # why\nb: 2\n", "a: x  # why\nb: 2\n"),
        ("a:\n  - 1 # one\n  - 2\nb: 2\n", "a: # one\n  x\nb: 2\n"),
        ("? a\n: 1\n", "? a\n: x\n"),
    ],
)
def test_a_value_is_written_over_and_nothing_else(old, new):
    assert with_key(old, "a", "x") == new
    assert data(new)["a"] == "x"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a: 1\n", "a: 1\nn: x\n"),
        ("a: 1", "a: 1\nn: x"),
        ("a: 1  # why\n# tail\n", "a: 1  # why\nn: x\n# tail\n"),
        ("a: 1\n\nb: 2\n", "a: 1\n\nb: 2\nn: x\n"),
        ("a:\nb:\n", "a:\nb:\nn: x\n"),
        ("  a: 1\n  b: 2\n", "  a: 1\n  b: 2\n  n: x\n"),
        ("a: |\n  text\n", "a: |\n  text\nn: x\n"),
        ("a: |+\n  text\n\n\n", "a: |+\n  text\n\n\nn: x\n"),
        ("a: |\n  text\n\n# tail\n", "a: |\n  text\n\nn: x\n# tail\n"),
        ("a:\n  - 1\n  - {b: 2} # why\n", "a:\n  - 1\n  - {b: 2} # why\nn: x\n"),
        ("a: 1\r\n", "a: 1\r\nn: x\r\n"),
        ("{a: 1}\n", "{a: 1, n: x}\n"),
        ("{a: 1, }\n", "{a: 1, n: x, }\n"),
        ("{a: }\n", "{a: , n: x }\n"),
        ("{}\n", "{n: x}\n"),
        ("{a: [1, 2] # why\n}\n", "{a: [1, 2], n: x # why\n}\n"),
        ("# only\na: 1\n...\n", "# only\na: 1\nn: x\n...\n"),
        ("---\na: 1\n", "---\na: 1\nn: x\n"),
    ],
)
def test_a_new_key_comes_last_and_nothing_else_moves(old, new):
    assert with_key(old, "n", "x") == new
    assert data(new) == {**data(old), "n": "x"}


@pytest.mark.parametrize(("old", "new"), [("a: 1\n", "a: 1\nn:\n"), ("{a: 1}", "{a: 1, n: }"), ("{}", "{n: }")])
def test_a_new_key_may_be_left_empty(old, new):
    assert with_key(old, "n", None) == new
    assert data(new) == {**data(old), "n": None}


def test_a_text_that_ends_the_file_without_a_line_break_gets_one():
    assert with_key("a: |\n  text", "n", "x") == "a: |\n  text\nn: x"


@pytest.mark.parametrize(
    ("behind", "new"),
    [
        (("a",), "a: 1 # one\nn: x\nb: 2\nc: 3\n"),
        (("a", "b"), "a: 1 # one\nb: 2\nn: x\nc: 3\n"),
        (("b", "a"), "a: 1 # one\nb: 2\nn: x\nc: 3\n"),
        (("z",), "a: 1 # one\nb: 2\nc: 3\nn: x\n"),
    ],
)
def test_a_new_key_comes_behind_the_last_of_those_named(behind, new):
    assert with_key("a: 1 # one\nb: 2\nc: 3\n", "n", "x", behind=behind) == new


def test_a_key_below_another_is_set_in_as_its_neighbours_are():
    assert with_key("m:\n    a: 1\nz: 2\n", "n", "x", under="m") == "m:\n    a: 1\n    n: x\nz: 2\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("met", "met"),
        ("한글", "한글"),
        ("1.0", '"1.0"'),
        ("yes: no", '"yes: no"'),
        ("null", '"null"'),
        ("줄\n줄", '"줄\\n줄"'),
        ("\x07", '"\\u0007"'),
        ([], "[]"),
        ({}, "{}"),
        ([{"path": "a b.pdf", "renew": "2027-01-31"}], '[{path: "a b.pdf", renew: "2027-01-31"}]'),
        ({"a": None, "b": 1}, "{a: , b: 1}"),
    ],
)
def test_a_value_on_one_line_is_quoted_where_it_must_be(value, text):
    assert flow(value) == text


@pytest.mark.parametrize(
    "value", ["met", "1.0", "- a", "# a", "a # b", "{a}", "'", '"', "\\", "가: 나", "2026-01-31", " a "]
)
def test_what_is_written_is_read_again(value):
    assert data(with_key("a: 1\n", "n", value)) == {"a": 1, "n": value}
    assert data(with_key("{a: 1}", "n", [value])) == {"a": 1, "n": [value]}


@pytest.mark.parametrize(
    ("old", "new"),
    [("[]", "[n]"), ("[1]", "[1, n]"), ("[1, ]", "[1, n, ]"), ("[{a: 1}]", "[{a: 1}, n]"), ("[ # c\n]", "[n # c\n]")],
)
def test_an_entry_is_put_into_brackets(old, new):
    composed = compose(old)

    assert spliced(old, [append(composed, composed.root, "n")]) == new


def test_lines_come_in_below_a_value_and_blank_ones_stay_bare():
    composed = compose("a:\n  b: 1  # why\nc: 2\n")
    node = child(composed.root, "a")

    assert spliced(composed.text, [below(composed, node, ["# x", "", "y: 1"], column=2)]) == (
        "a:\n  b: 1  # why\n  # x\n\n  y: 1\nc: 2\n"
    )


def test_splices_at_one_place_keep_their_order():
    assert spliced("ac", [(1, 1, "x"), (0, 1, "A"), (1, 1, "y"), (2, 2, "z")]) == "Axycz"


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("a: 1\n", []),
        ("# one\na: 1 # two \n#three\n", ["# one", "# two", "#three"]),
        ("a: '# no'\nb: x#no\nc: \"# no\" # yes\n", ["# yes"]),
        ("a: |\n  # no\nb:\n# yes\n", ["# yes"]),
        ("a: {b: 1, # yes\n c: '# no'}\n", ["# yes"]),
        ("a:\n# yes\nb: 2\n", ["# yes"]),
    ],
)
def test_comments_are_told_from_words(text, comments):
    composed = compose(text)

    assert composed.comments(composed.root, 0, len(text)) == comments


def test_keys_of_what_is_no_mapping_are_none():
    assert (pairs(None), pairs(compose("[1]").root), child(None, "a")) == ([], [], None)


@pytest.mark.parametrize(("text", "empty"), [("a:", True), ("a: ''", False), ("a: ~", False), ("a: []", False)])
def test_only_what_is_not_written_is_empty(text, empty):
    assert is_empty(child(compose(text).root, "a")) is empty


@pytest.mark.parametrize(
    ("text", "brackets"), [("{a: 1}", True), ("a: 1", False), ("[1]", True), ("- 1", False), ("a", False)]
)
def test_brackets_are_known(text, brackets):
    assert in_brackets(compose(text).root) is brackets
