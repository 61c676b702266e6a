import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.errors import ChecklistError, SubmissionError
from reliability.yaml_lines import MAX_BYTES, parse_yaml, read_yaml, shown

SOURCE = b"""submission: 1
data:
  target: approved
  sensitive: [sex, {column: age}]
"""


def parsed(content):
    return parse_yaml(content if isinstance(content, bytes) else content.encode(), error=SubmissionError, name="s.yaml")


def refusal(content):
    with pytest.raises(SubmissionError) as caught:
        parsed(content)
    return caught.value


def test_document_holds_plain_values_when_read():
    assert parsed(SOURCE).data == {
        "submission": 1,
        "data": {"target": "approved", "sensitive": ["sex", {"column": "age"}]},
    }


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        (("submission",), (1, 1)),
        (("data", "target"), (3, 3)),
        (("data", "sensitive", 1), (4, 20)),
        (("data", "sensitive", 1, "column"), (4, 21)),
        (("data", "missing"), (2, 1)),
        ((), (1, 1)),
    ],
)
def test_position_names_line_and_column_of_key(keys, position):
    assert parsed(SOURCE).position(*keys) == position


def test_value_position_names_the_value_not_its_key():
    assert parsed(SOURCE).value_position("data", "target") == (3, 11)


def test_where_joins_file_and_line():
    assert parsed(SOURCE).where("data", "target") == "s.yaml:3"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("2026-01-31", "2026-01-31"),
        ("12:30:45", "12:30:45"),
        ("402-81-00000", "402-81-00000"),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("-2", -2),
        ("1_000", "1_000"),
        ("true", True),
        ("~", None),
        ('"1"', "1"),
        ("1e999", "1e999"),
    ],
)
def test_scalars_follow_yaml_1_2_core_schema(text, value):
    met = parsed(f"a: {text}").data["a"]

    assert met == value
    assert type(met) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\nb: 2\na: 3", "yaml_duplicate_key", "s.yaml:3:1"),
        ("1: a\ntrue: b", "yaml_duplicate_key", "s.yaml:2:1"),
        ("a: &x 1", "yaml_alias", "s.yaml:1:4"),
        ("a: *x", "yaml_alias", "s.yaml:1:4"),
        ("a:\n  <<: {b: 1}", "yaml_alias", "s.yaml:2:3"),
        ("a: !!python/object 1", "yaml_tag", "s.yaml:1:4"),
        ("a: ! b", "yaml_tag", "s.yaml:1:4"),
        ("? [a]\n: 1", "yaml_key_not_plain", "s.yaml:1:3"),
        ("a: .nan", "yaml_not_finite", "s.yaml:1:4"),
        ("a: 1\n---\nb: 1", "yaml_many_documents", "s.yaml:2:1"),
        ("a: [1", "yaml_syntax", "s.yaml:1:6"),
        ("a: 1\nb: c: d", "yaml_syntax", "s.yaml:2:5"),
        ("a: \x00", "yaml_character", "s.yaml:1:4"),
        ("[" * 100_000, "yaml_too_deep", "s.yaml:1:66"),
    ],
)
def test_reading_refuses_with_line_and_column_when(text, code, place):
    error = refusal(text)

    assert error.code == code
    assert str(error).startswith(place + ": ")


def test_reading_refuses_other_encodings_with_line():
    error = refusal("a: 1\nb: 성별".encode("cp949"))

    assert (error.code, error.values["where"]) == ("yaml_not_utf8", "s.yaml:2")


def test_reading_refuses_files_over_a_megabyte():
    assert refusal(b"#" * (MAX_BYTES + 1)).code == "yaml_too_large"


def test_reading_refuses_a_missing_file_with_the_error_asked_for(tmp_path):
    with pytest.raises(ChecklistError, match=r"x\.yaml: no such file"):
        read_yaml(tmp_path / "x.yaml", error=ChecklistError, name="x.yaml")


def test_byte_order_mark_is_passed_over(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1")

    assert read_yaml(tmp_path / "a.yaml", error=SubmissionError).data == {"a": 1}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text):
    said = ""
    try:
        parsed(text.encode("utf-8", "replace"))
    except SubmissionError as error:
        said = str(error)

    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: [1, two, 3.5]", [1, "two", 3.5]),
        ("a: {b: {c: 1}}", {"b": {"c": 1}}),
        ("a:\n- 1\n-\n- x", [1, None, "x"]),
        ("a: |\n  one\n  two\n", "one\ntwo\n"),
        ("a: >\n  one\n  two\n", "one two\n"),
        ("a: 'it''s'", "it's"),
        ('a: "\\u1234\\U0001f600"', "\u1234\U0001f600"),
        ("a: 성별", "성별"),
        ("a:", None),
        ("a: []", []),
        ("a: # no value", None),
        ("a: x # said", "x"),
        ("a: x#y", "x#y"),
        ("a: 'true'", "true"),
        ("a: |\n  1", "1"),
        (f"a: {'9' * 400}", int("9" * 400)),
        (f"a: {'9' * 401}", "9" * 401),
        ("a: 0o9", "0o9"),
        ("a: 010", 10),
        ("a: +1", 1),
        ("a: 1.", 1.0),
        ("a: .5", 0.5),
        ("a: -1.5e-3", -0.0015),
        ("a: 1e", "1e"),
    ],
)
def test_every_shape_of_value_is_read(text, value):
    met = parsed(text).data["a"]

    assert met == value
    assert type(met) is type(value)


@pytest.mark.parametrize(("text", "keys"), [("1: a", [1]), ("true: a", [True]), ("'1': a\n1: b", ["1", 1])])
def test_keys_keep_their_type(text, keys):
    assert list(parsed(text).data) == keys


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        (("a",), "s.yaml:1"),
        (("a", 0), "s.yaml:2"),
        (("a", 0, "b"), "s.yaml:2"),
        (("a", 1), "s.yaml:4"),
        (("a", 1, "성별"), "s.yaml:4"),
        (("a", 7), "s.yaml:1"),
        (("a", 1, "none", "deeper"), "s.yaml:4"),
        (("none",), "s.yaml:1"),
    ],
)
def test_where_falls_back_to_the_nearest_place_above(keys, where):
    assert parsed("a:\n- b: 1\n\n- 성별: 2\n").where(*keys) == where


@pytest.mark.parametrize(
    ("keys", "position"),
    [(("a",), (1, 4)), (("a", 0), (1, 5)), (("a", 1), (1, 10)), (("b",), (2, 4)), (("b", "c"), (2, 8)), ((), (1, 1))],
)
def test_value_position_is_where_the_value_begins(keys, position):
    assert parsed("a: ['성', 2]\nb: {c: 3}\n").value_position(*keys) == position


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_counted_whatever_ends_them(newline):
    document = parsed(newline.join(["# 설명", "", "a: 1", "b: 2"]))

    assert (document.where("a"), document.where("b")) == ("s.yaml:3", "s.yaml:4")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2", "s.yaml:2:1: key 'a' stands on line 1 already; keep one"),
        ("x: {a: 1,\n  a: 2}", "s.yaml:2:3: key 'a' stands on line 1 already; keep one"),
        ("a: &b 1", "s.yaml:1:4: anchors and aliases are refused; write the value out"),
        ("<<: {a: 1}", "s.yaml:1:1: merge keys are refused; write the keys out"),
        ("a: !x 1", "s.yaml:1:4: tag !x is refused; leave it out"),
        ("a: -.inf", "s.yaml:1:4: -.inf is no finite number"),
        ("a: 1\n---\nb: 1", "s.yaml:2:1: a second document; keep one"),
        ("{a: 1}: 2", "s.yaml:1:1: a key must be a single word or number; put it in quotes"),
        ("\ta: 1", "s.yaml:1:1: not valid YAML: "),
    ],
)
def test_a_refusal_says_what_to_do(text, line):
    assert str(refusal(text)).startswith(line)


@pytest.mark.parametrize(("depth", "fits"), [(63, True), (64, True), (65, False)])
def test_nesting_is_read_to_its_limit(depth, fits):
    text = "a: " + "[" * (depth - 1) + "1" + "]" * (depth - 1)

    if fits:
        assert parsed(text).where("a") == "s.yaml:1"
    else:
        assert refusal(text).code == "yaml_too_deep"


def test_a_file_of_exactly_a_megabyte_is_read():
    assert parsed(b"a: 1\n#" + b"x" * (MAX_BYTES - 6)).data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\nc: \x00", "s.yaml:3:4: character U+0000 may not stand in YAML; remove it, or write it as an"),
        ("a: 1\n# \x07", "s.yaml:2:3: character U+0007 may not stand in YAML"),
        ("\x1b: 1", "s.yaml:1:1: character U+001B may not stand in YAML"),
        ("a: |\n  성별\n  b\x0c\n", "s.yaml:3:4: character U+000C may not stand in YAML"),
        ("a: 1\r\nb: \ufffe", "s.yaml:2:4: character U+FFFE may not stand in YAML"),
    ],
)
def test_a_character_that_may_not_stand_is_named_where_it_stands(text, line):
    error = refusal(text)

    assert error.code == "yaml_character"
    assert str(error).startswith(line)


@pytest.mark.parametrize("key", ["~", "null", "NULL", ""])
def test_an_empty_key_is_refused_where_it_stands(key):
    error = refusal(f"a: 1\nb:\n  {key}: 2")

    assert error.code == "yaml_key_empty"
    assert str(error) == "s.yaml:3:3: a key is empty; write a word before the colon"


@pytest.mark.parametrize("key", ["'~'", "'null'", "''"])
def test_a_key_in_quotes_is_a_word_whatever_it_says(key):
    assert list(parsed(f"{key}: 1").data) == [key.strip("'")]


@pytest.mark.parametrize(
    ("spelt", "text"),
    [
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\uD83D\uDE00", "\U0001f600"),
        (r"x\ud83d\ude00y\ud83d\ude01", "x\U0001f600y\U0001f601"),
        (r"\U0001f600", "\U0001f600"),
        (r"\ud800\udc00", "\U00010000"),
        (r"\udbff\udfff", "\U0010ffff"),
        (r"\uc131\ubcc4", "성별"),
        (r"\u0000", "\x00"),
    ],
)
def test_escapes_of_json_are_joined_to_characters(spelt, text):
    document = parsed(f'"{spelt}": "{spelt}"')

    assert document.data == {text: text}
    assert document.data[text].encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize(
    ("spelt", "half"),
    [
        (r"\ud83d", r"\ud83d"),
        (r"\ude00", r"\ude00"),
        (r"\ude00\ud83d", r"\ude00"),
        (r"\ud83d\ude00\ud83d", r"\ud83d"),
        (r"a\ud83d b", r"\ud83d"),
    ],
)
def test_half_a_character_is_refused_where_it_stands(spelt, half):
    error = refusal(f'a: 1\nb: ["{spelt}"]')

    assert error.code == "yaml_half_character"
    assert str(error) == f"s.yaml:2:5: {half} is half a character; write the character itself"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x" * 58, "'" + "x" * 58 + "'"),
        ("x" * 59, "'" + "x" * 58 + "…"),
        (10**100, "1" + "0" * 58 + "…"),
        (("a",), "('a',)"),
        (1.5, "1.5"),
        (None, "None"),
    ],
)
def test_shown_is_one_short_line(value, expected):
    assert shown(value) == expected
    assert len(shown(value)) <= 60


@pytest.mark.parametrize("text", ["{0}: 1\n{0}: 2", "a: !{0} 1"])
def test_a_refusal_stays_short_when_what_it_names_is_long(text):
    assert len(str(refusal(text.format("x" * 900)))) < 160
