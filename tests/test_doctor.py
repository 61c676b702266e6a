"""What the doctor finds on machines that have, and that lack, what the work needs."""

import re
import sys
from pathlib import Path

import pytest

from reliability.doctor import (
    DISTRIBUTION,
    LIBRARIES,
    Lack,
    confined,
    confinement,
    examine,
    python_libraries,
    python_version,
    remedies,
    shared_libraries,
    subsetting,
    typefaces,
)

ROOT = Path(__file__).resolve().parent.parent


def loading_all_but(*absent):
    def load(name):
        if name in absent:
            raise OSError(f"{name}: cannot open shared object file")

    return load


def answering(answers):
    def ask(command):
        return next((answers[key] for key in answers if " ".join(command).startswith(key)), None)

    return ask


@pytest.mark.parametrize(
    ("version", "level"), [((3, 10, 12), "missing"), ((3, 11, 0), "ok"), ((3, 11), "ok"), ((4, 0, 0), "ok")]
)
def test_python_version_is_missing_below_3_11(version, level):
    assert python_version(version).level == level


def test_python_version_names_the_version_met():
    assert python_version((3, 10, 12)).found == "3.10.12"


def test_shared_libraries_are_all_ok_when_all_load():
    found = shared_libraries(loading_all_but())

    assert [lack.what for lack in found] == list(LIBRARIES)
    assert {lack.level for lack in found} == {"ok"}


def test_shared_libraries_name_the_package_of_the_one_that_does_not_load():
    missing = [lack for lack in shared_libraries(loading_all_but("libpangoft2-1.0.so.0")) if lack.level != "ok"]

    assert missing == [
        Lack(
            code="shared_library", what="libpangoft2-1.0.so.0", level="missing", packages=("libpangoft2-1.0-0",)
        )
    ]  # fmt: skip


def test_subsetting_is_slow_rather_than_missing_when_it_does_not_load():
    lack = subsetting(loading_all_but("libharfbuzz-subset.so.0"))

    assert (lack.level, lack.packages) == ("slow", ("libharfbuzz-subset0",))


def test_subsetting_is_ok_when_it_loads():
    assert subsetting(loading_all_but()).level == "ok"


def fonts_of(*families):
    """A `fc-list` of a machine with these families, each in two weights."""
    line = "/fonts/{0}.ttf\t{0}\t{1}\tFalse\t155320\t20-7e ac00-d7a3\n"
    told = {f"fc-list {name}:": "".join(line.format(name, weight) for weight in (80, 200)) for name in families}
    return answering({**told, "fc-list --version": "fontconfig version 2.14.1\n", "fc-list": ""})


def test_typefaces_are_named_with_their_versions_when_they_are_there():
    assert [(lack.code, lack.level, lack.found) for lack in typefaces(fonts_of("NanumBarunGothic", "DejaVu Sans"))] == [
        ("korean_font", "ok", "NanumBarunGothic 2.37"),
        ("fallback_font", "ok", "DejaVu Sans 2.37"),
    ]


def test_second_typeface_is_slow_rather_than_missing_when_it_is_not_there():
    lack = typefaces(fonts_of("NanumGothic"))[1]

    assert (lack.code, lack.level, lack.packages) == ("fallback_font", "slow", ("fonts-dejavu-core",))


def test_korean_font_is_asked_for_when_none_holds_hangul():
    (lack,) = typefaces(fonts_of())

    assert (lack.code, lack.level, lack.packages) == ("korean_font", "missing", ("fonts-nanum",))


def test_fontconfig_is_asked_for_too_when_it_cannot_be_asked():
    (lack,) = typefaces(answering({}))

    assert lack.packages == ("fontconfig", "fonts-nanum")


def test_confinement_is_ok_when_the_probe_ends_well():
    lack = confinement(answering({"bwrap --version": "bubblewrap 0.8.0\n", "bwrap --ro-bind": ""}))

    assert (lack.level, lack.found) == ("ok", "0.8.0")


def test_landlock_is_not_spoken_of_when_bubblewrap_confines():
    ok = Lack(code="confinement", what="bubblewrap", level="ok")

    assert confined(ok, abi=lambda: 1 / 0) == (ok,)


@pytest.mark.parametrize(
    ("abi", "folder", "told"),
    [
        (0, None, [("landlock", "missing", "0")]),
        (5, None, [("landlock", "missing", "5")]),
        (6, None, [("landlock", "ok", "6")]),
        (7, Path("/root"), [("interpreter", "missing", sys.base_prefix)]),
    ],
)
def test_landlock_stands_in_for_bubblewrap_when_the_kernel_and_the_interpreter_let_it(abi, folder, told):
    first, *others = confined(confinement(answering({})), lambda: abi, lambda: folder)

    assert (first.code, first.level) == ("confinement", "slow" if told == [("landlock", "ok", "6")] else "missing")
    assert [(lack.code, lack.level, lack.found) for lack in others] == told
    assert all(lack.what == str(folder) for lack in others if lack.code == "interpreter")


def test_confinement_asks_for_bubblewrap_when_it_is_not_there():
    lack = confinement(answering({}))

    assert (lack.level, lack.packages) == ("missing", ("bubblewrap",))


@pytest.mark.parametrize(
    ("switch", "value", "command"),
    [
        ("apparmor_restrict_unprivileged_userns", "1", "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
        ("unprivileged_userns_clone", "0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
        ("apparmor_restrict_unprivileged_userns", "0", ""),
        ("unprivileged_userns_clone", "1", ""),
    ],
)
def test_confinement_names_the_switch_that_forbids_it_when_bubblewrap_is_refused(tmp_path, switch, value, command):
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel" / switch).write_text(f"{value}\n")

    lack = confinement(answering({"bwrap --version": "bubblewrap 0.9.0\n"}), tmp_path)

    assert (lack.level, lack.found, lack.packages, lack.command) == ("missing", "0.9.0", (), command)


def test_python_libraries_lists_every_library_that_the_package_names():
    found = {lack.what: lack for lack in python_libraries()}

    assert found["scikit-learn"].level == found["ruamel-yaml"].level == "ok"
    assert found["weasyprint"].found == "70.0"


def test_python_libraries_leads_to_bootstrap_when_the_package_is_not_installed():
    (lack,) = python_libraries("a-distribution-that-nobody-made")

    assert (lack.level, lack.command) == ("missing", str(ROOT / "script" / "bootstrap"))


def test_remedies_is_empty_when_nothing_is_missing():
    assert remedies([python_version((3, 13, 0)), *shared_libraries(loading_all_but())]) == ()


def test_remedies_names_each_package_once_in_one_line():
    lacks = [*shared_libraries(loading_all_but(*LIBRARIES)), subsetting(loading_all_but("libharfbuzz-subset.so.0"))]

    assert remedies(lacks) == (
        "sudo apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    )


def test_remedies_names_a_command_once_when_several_things_need_it():
    lacks = [*python_libraries("nobody-made-this"), *python_libraries("nor-this")]

    assert remedies(lacks) == (str(ROOT / "script" / "bootstrap"),)


def test_examine_looks_for_everything_once():
    found = examine()

    assert len({(lack.code, lack.what) for lack in found}) == len(found)
    assert {lack.code for lack in found} == {
        "python", "shared_library", "subsetting", "korean_font", "fallback_font", "confinement", "python_library",
    }  # fmt: skip


def test_bootstrap_installs_every_package_that_the_doctor_may_ask_for():
    listed = re.search(r"^packages='(.*)'$", (ROOT / "script" / "bootstrap").read_text(), re.MULTILINE)
    nothing = answering({})
    asked = [
        *shared_libraries(loading_all_but(*LIBRARIES)),
        subsetting(loading_all_but("libharfbuzz-subset.so.0")),
        *typefaces(nothing),
        *typefaces(fonts_of("NanumGothic")),
        confinement(nothing),
    ]

    assert {package for lack in asked for package in lack.packages} <= set(listed.group(1).split())
    assert DISTRIBUTION in (ROOT / "pyproject.toml").read_text()
