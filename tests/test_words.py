import re
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from reliability.checklist.catalogue import checks
from reliability.records import REASONS, Outcome, Rule, Severity, Verdict
from reliability.words import text
from reliability.words.text import LANGUAGES, compile_words, words

METHODS = (
    "clopper_pearson", "clopper_pearson_jaccard", "mover_clopper_pearson", "newcombe_delong", "student_t", "delta",
    "equal_mass_bins", "equal_width_bins", "exact", "largest_of_features", "mcdiarmid",
)  # fmt: skip
UNITS = (
    "share", "ratio", "difference", "score", "auc", "rows", "columns", "entities", "index", "target", "squared_target",
    "dimensionless", "days",
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(REASONS))
def test_reason_has_words(code, lang):
    assert words(lang).text(f"reason.{code}")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("family", "members"),
    [
        ("verdict", get_args(Verdict)),
        ("outcome", get_args(Outcome)),
        ("rule", get_args(Rule)),
        ("severity", get_args(Severity)),
        ("unit", UNITS),
        ("method", METHODS),
    ],
)
def test_closed_list_has_words(family, members, lang):
    missing = [member for member in members if f"{family}.{member}" not in words(lang)]

    assert missing == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("check", sorted(checks()))
def test_check_has_a_title_and_an_explanation(check, lang):
    assert words(lang).text(f"check.{check}")
    assert words(lang).text(f"check.{check}.explain")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_methods_used_by_checks_are_the_ones_with_words(lang):
    sources = [path for room in ("checks", "intervals") for path in (text._FOLDER.parent / room).rglob("*.py")]
    used = {name for path in sources for name in re.findall(r'method(?:=|\()"([a-z_]+)"', path.read_text("utf-8"))}

    used.remove("lower")  # a method of numpy's quantiles
    known = [{f"method.{name}", f"method.{name.removesuffix('_effective_n')}"} for name in sorted(used)]

    assert "mover_clopper_pearson" in used
    assert [names for names in known if not any(name in words(lang) for name in names)] == []


def test_documents_speak_both_languages():
    spoken = {lang: _keys(lang, ("report.", "heading.", "row.", "column.", "decide.", "tier.")) for lang in LANGUAGES}

    assert spoken["ko"] == spoken["en"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_templates_name_only_words_that_there_are(lang):
    from reliability import resources

    pages = "".join(path.read_text("utf-8") for path in resources.templates().glob("*.html"))
    named = set(re.findall(r"""say\(["']([a-z_.]+)["'][,)]""", pages))

    assert [key for key in sorted(named) if key not in words(lang)] == []


@pytest.mark.parametrize("key", ["statement.undetermined", "decide.rows", "report.n", "rule.guarded.explain"])
def test_values_are_the_same_in_both_languages(key):
    named = [set(re.findall(r"{(\w+)}", words(lang).text(key))) for lang in LANGUAGES]

    assert named[0] == named[1] != set()


def test_text_fills_in_values():
    assert words("en").text("report.n", n="2,412") == "n = 2,412"


def test_text_refuses_an_unknown_key():
    with pytest.raises(KeyError, match=r"no ko words for 'no\.such\.key'"):
        words("ko").text("no.such.key")


def test_words_refuse_an_unknown_language():
    with pytest.raises(ValueError, match="no words in 'fr'"):
        words("fr")


def test_first_falls_back_and_ends_empty():
    assert words("en").first("no.such", "verdict.pass") == "Pass"
    assert words("en").first("no.such") == ""


def test_catalogue_prefers_compiled_words_when_they_are_not_older(tmp_path):
    (tmp_path / "ko.mo").write_bytes(b"compiled")

    assert text._catalogue(tmp_path, "ko") == b"compiled"


def test_catalogue_compiles_anew_when_the_source_is_younger(tmp_path):
    import os

    (tmp_path / "ko.mo").write_bytes(b"old")
    (tmp_path / "ko.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n', encoding="utf-8")
    os.utime(tmp_path / "ko.mo", (0, 0))

    assert text._catalogue(tmp_path, "ko") != b"old"


def test_compiled_words_are_the_same_twice():
    assert compile_words(text._FOLDER / "ko.po") == compile_words(text._FOLDER / "ko.po")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_source_is_sorted_by_key(lang):
    keys = _keys(lang, ("",))

    assert keys == sorted(keys)


def _keys(lang, starts):
    with (text._FOLDER / f"{lang}.po").open("rb") as lines:
        return [entry.id for entry in read_po(lines) if entry.id and entry.id.startswith(starts)]
