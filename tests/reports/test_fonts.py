"""Which typefaces a document is set in, and what becomes of a character that neither draws."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from reliability import resources
from reliability.errors import EnvironmentLacksError
from reliability.reports import fonts
from reliability.reports.fonts import (
    FAMILIES,
    MOST_NAMED,
    Face,
    Typefaces,
    by_number,
    find_typefaces,
    fittest,
    listed,
    told_by,
)

LATIN, HANGUL = "20-7e", "ac00-d7a3"
GRIN = "\N{GRINNING FACE}"


def cut(family, weight, *, variable="False", charset=f"{LATIN} {HANGUL}", file=None, version=65536):
    """A line of fc-list about one font file."""
    file = file or f"/fonts/{family.replace(' ', '')}-{weight}.ttf"
    return "\t".join([file, family, str(weight), variable, str(version), charset])


def machine(**families):
    """A fc-list that knows these families; the lines about each by name (`_` for a blank)."""
    known = {name.replace("_", " "): lines for name, lines in families.items()}

    def ask(command):
        assert command[0] == "fc-list"
        pattern = command[1]
        if pattern.startswith(":lang=ko"):
            return "".join(f"{name},다른 이름\n" for name in known if name != fonts.FALLBACK)
        lines = known.get(pattern.partition(":")[0], [])
        return "".join(f"{line}\n" for line in lines)

    return ask


def both(family, **changes):
    return [cut(family, 80, **changes), cut(family, 200, **changes)]


def face(family="NanumGothic", characters="가나다abc"):
    files = {"regular": Path(f"/fonts/{family}.ttf"), "bold": Path(f"/fonts/{family}Bold.ttf")}
    return Face(family=family, version="1.0", characters=frozenset(map(ord, characters)), **files)


FACES = Typefaces(chosen=face(), fallback=face("DejaVu Sans", "abcé"))


# What is chosen


def test_best_looking_family_comes_first_whatever_the_machine_lists_first():
    ask = machine(NanumGothic=both("NanumGothic"), Pretendard=both("Pretendard"), DejaVu_Sans=both("DejaVu Sans"))

    assert [one.chosen.family for one in find_typefaces(ask)] == ["Pretendard", "NanumGothic"]
    assert {one.fallback.family for one in find_typefaces(ask)} == {"DejaVu Sans"}


def test_any_family_with_hangul_serves_where_none_of_ours_is_installed():
    ask = machine(Baekmuk_Dotum=both("Baekmuk Dotum"))

    (only,) = find_typefaces(ask)

    assert (only.chosen.family, only.fallback) == ("Baekmuk Dotum", None)
    assert only.faces == (only.chosen,)


def test_machine_without_hangul_is_told_what_to_install():
    with pytest.raises(EnvironmentLacksError, match=r"no font here holds Hangul.*fonts-nanum") as caught:
        find_typefaces(machine(DejaVu_Sans=both("DejaVu Sans")))

    assert caught.value.code == "korean_font_missing"


def test_machine_without_fontconfig_is_told_what_to_install():
    with pytest.raises(EnvironmentLacksError, match="fontconfig"):
        find_typefaces(lambda command: None)


@pytest.mark.parametrize(
    "lines",
    [
        [cut("NanumGothic", 80)],  # no bold
        [cut("NanumGothic", 200)],  # no regular
        both("NanumGothic", variable="True"),
        [cut("NanumGothic", 50), cut("NanumGothic", 180)],  # a light one
        ["NanumGothic\tbroken line"],
    ],
)
def test_family_without_two_static_weights_is_passed_over(lines):
    ask = machine(NanumBarunGothic=both("NanumBarunGothic"), NanumGothic=lines)

    assert [one.chosen.family for one in find_typefaces(ask)] == ["NanumBarunGothic"]


def test_nearest_weights_are_regular_and_bold():
    weights = (0, 55, 75, 80, 100, 180, 205, 210)
    (found,) = find_typefaces(machine(NanumGothic=[cut("NanumGothic", weight) for weight in weights]))

    assert (found.chosen.regular.name, found.chosen.bold.name) == ("NanumGothic-80.ttf", "NanumGothic-205.ttf")


def test_order_of_the_machines_list_changes_nothing():
    lines = [cut("NanumGothic", weight, file=f"/fonts/{name}") for weight in (80, 200) for name in "ab"]

    (first,), (second,) = (find_typefaces(machine(NanumGothic=order)) for order in (lines, lines[::-1]))

    assert first == second
    assert (first.chosen.regular, first.chosen.bold) == (Path("/fonts/a"), Path("/fonts/a"))


@pytest.mark.parametrize(("fixed", "version"), [(65536, "1.0"), (155320, "2.37"), (262144, "4.0"), (65700, "1.003")])
def test_version_is_counted_in_65536ths(fixed, version):
    (found,) = find_typefaces(machine(NanumGothic=both("NanumGothic", version=fixed)))

    assert found.named == f"NanumGothic {version}"


def test_character_counts_as_drawn_only_if_both_weights_draw_it():
    lines = [cut("NanumGothic", 80, charset="41-43 ac00"), cut("NanumGothic", 200, charset="42-44 ac00")]
    (found,) = find_typefaces(machine(NanumGothic=lines))

    assert found.chosen.characters == {0x42, 0x43, 0xAC00}


# What is undrawn


@pytest.mark.parametrize(
    ("text", "undrawn"),
    [
        ("가나다 abc\n", ""),
        ("é", ""),  # the fallback draws it
        (f"{GRIN}漢{GRIN}", f"漢{GRIN}"),
        ("\N{WORD JOINER}\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}\N{NO-BREAK SPACE}", ""),
        ("\N{HANGUL SYLLABLE GAG}", "각"),
    ],
)
def test_undrawn_is_what_neither_face_holds(text, undrawn):
    assert FACES.undrawn(text) == tuple(undrawn)


@pytest.mark.parametrize("letter", ["\ue000", "\U000f0000", "\ufffa"])
def test_character_without_a_meaning_is_undrawn_even_if_a_face_claims_it(letter):
    assert Typefaces(chosen=face(characters=letter), fallback=None).undrawn(letter) == (letter,)


@pytest.mark.parametrize(
    ("letter", "number"), [(GRIN, "[U+1F600]"), ("漢", "[U+6F22]"), ("\x07", "[U+0007]"), ("\U0010fffd", "[U+10FFFD]")]
)
def test_undrawn_character_prints_by_its_number(letter, number):
    assert by_number(f"가{letter}나", (letter,)) == f"가{number}나"


def test_undrawn_characters_are_listed_by_number_and_name():
    assert listed(("漢", GRIN, "\ue000")) == "U+6F22 CJK UNIFIED IDEOGRAPH-6F22, U+1F600 GRINNING FACE, U+E000"


def test_of_very_many_characters_the_first_are_listed_and_the_others_counted():
    many = [chr(0x4E00 + place) for place in range(MOST_NAMED + 3)]

    assert listed(many).endswith("… (+3)")
    assert listed(many[:MOST_NAMED]).count("U+") == listed(many).count("U+") == MOST_NAMED


def test_fittest_face_leaves_the_fewest_characters_undrawn_and_the_best_looking_wins_a_tie():
    plain, learned = (
        Typefaces(chosen=face(name, known), fallback=None) for name, known in (("A", "가"), ("B", "가漢"))
    )

    assert fittest((plain, learned), "가漢") is learned
    assert fittest((plain, learned), "가") is plain


# What the typesetter gets to see


def configured(faces):
    return ET.fromstring(faces.configuration())


def test_configuration_lets_in_the_files_of_the_two_faces_and_no_other():
    read = configured(FACES)
    globs = {way: [one.text for one in read.findall(f"selectfont/{way}/glob")] for way in ("rejectfont", "acceptfont")}

    assert globs["rejectfont"] == ["*"]
    assert globs["acceptfont"] == [str(file) for one in FACES.faces for file in (one.regular, one.bold)]
    assert [one.text for one in read.findall("dir")] == ["/fonts"]
    assert [one.text for one in read.findall("match/edit/string")] == ["NanumGothic", "DejaVu Sans"]


def test_configuration_survives_names_with_markup():
    odd = Typefaces(chosen=face("A & <B>"), fallback=None)

    assert [one.text for one in configured(odd).findall("match/edit/string")] == ["A & <B>"]


def test_typefaces_of_this_machine_can_be_read():
    for one in fonts.typefaces():
        assert one.undrawn("가힣한글 ABC 0.05 ≤ – → · ②") == ()
        assert [file for kind in one.faces for file in (kind.regular, kind.bold) if not file.is_file()] == []


# Asking the machine


def test_command_that_is_not_there_tells_nothing():
    assert told_by(("no-such-command-anywhere",)) is None


def test_command_that_fails_or_never_ends_tells_nothing(monkeypatch):
    monkeypatch.setattr(fonts, "TIMEOUT_S", 0.5)

    assert told_by((sys.executable, "-S", "-c", "print('half'); raise SystemExit(1)")) is None
    assert told_by((sys.executable, "-S", "-c", "import time; time.sleep(60)")) is None


def test_command_tells_what_it_printed_whatever_the_bytes(monkeypatch):
    monkeypatch.setattr(fonts, "TIMEOUT_S", 60)
    odd = "import sys; sys.stdout.buffer.write('가'.encode() + bytes([255]))"

    assert told_by((sys.executable, "-S", "-c", odd)) == "가\N{REPLACEMENT CHARACTER}"


# What the styles ask for


def styles():
    return [path for path in resources.templates().iterdir() if path.suffix in {".css", ".html"}]


@pytest.mark.parametrize("path", styles(), ids=lambda path: path.name)
def test_styles_ask_for_no_weight_but_those_of_the_nanum_families(path):
    text = path.read_text("utf-8")
    asked = re.findall(r"font-weight[:=]\s*\"?(\w+)", text) + re.findall(r"\bfont:\s*(\S+)", text)

    assert {weight for weight in asked if weight != "inherit"} <= {"400", "700", "800"}
    assert not re.search(r"font-style:\s*(?:italic|oblique)|<(?:em|i|cite|dfn|var|address)\b", text)


def test_styles_name_the_families_in_the_order_in_which_they_are_looked_for():
    text = (resources.templates() / "report.css").read_text("utf-8")
    named = re.findall(r'"([^"]+)"', re.search(r"--face:([^;]*);", text).group(1))

    assert [name for name in named if name in FAMILIES] == list(FAMILIES)
    assert named[-1] == fonts.FALLBACK


def test_fontconfig_agrees_with_what_was_found():
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    chosen = fonts.typefaces()[0].chosen
    told = subprocess.run(
        ["fc-query", "--format", "%{family}|%{weight}\n", str(chosen.bold)], capture_output=True, check=True, text=True
    )

    assert chosen.family in told.stdout
    assert abs(float(told.stdout.splitlines()[0].split("|")[1]) - fonts.BOLD) <= fonts.WIDEST_APART
