"""Paths that a submission names stay inside its folder, whatever they are made of."""

import os

import pytest

from reliability.submission.places import MANIFEST, file_inside, inside, is_file, manifest_path


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "제출"
    (folder / "inner").mkdir(parents=True)
    for name in ("data.csv", "inner/data.csv", "데이터 1.csv", MANIFEST):
        (folder / name).write_text("a\n1\n")
    (tmp_path / "outside.csv").write_text("a\n1\n")
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "out.csv").symlink_to(tmp_path / "outside.csv")
    (folder / "up").symlink_to(tmp_path)
    (folder / "in.csv").symlink_to(folder / "data.csv")
    return folder


@pytest.mark.parametrize(
    "path",
    ["data.csv", "inner/data.csv", "데이터 1.csv", "./data.csv", "inner/../data.csv", "in.csv", "inner//data.csv"],
)
def test_a_file_inside_is_found(folder, path):
    assert file_inside(folder, path, where="w", key="k").read_text() == "a\n1\n"


@pytest.mark.parametrize(
    "path",
    [
        "../outside.csv",
        "/etc/passwd",
        "out.csv",
        "up/outside.csv",
        "inner/../../outside.csv",
        "..",
        "up",
    ],
)
def test_a_path_that_leads_outside_is_refused_before_it_is_opened(folder, refusal, path):
    code, said = refusal(inside, folder, path, where="submission.yaml:6", key="data.evaluation")

    assert code == "path_outside"
    assert said.startswith(
        f"submission.yaml:6: data.evaluation: {path!r} leaves the submission's folder; copy the file"
    )


@pytest.mark.parametrize(
    "path",
    ["gone.csv", "loop.csv", "x" * 300 + ".csv", "x/" * 2_000, "\ud800.csv", "data.csv/x", "DATA.CSV"],
)
def test_a_file_that_is_not_there_is_refused(folder, refusal, path):
    code, said = refusal(file_inside, folder, path, where="submission.yaml:6", key="data.evaluation")

    assert code == "file_missing"
    assert said.startswith("submission.yaml:6: data.evaluation: no file ")
    assert said.endswith("in the submission's folder; check the name")


def test_a_place_inside_need_not_exist(folder):
    assert inside(folder, "inner/new.txt", where="w", key="k") == folder / "inner" / "new.txt"


@pytest.mark.parametrize(("name", "there"), [("data.csv", True), ("inner", False), ("x" * 300, False), ("gone", False)])
def test_is_file_says_no_where_no_file_can_be(folder, name, there):
    assert is_file(folder / name) is there


def test_manifest_is_found_by_folder_and_by_file(folder):
    assert manifest_path(folder) == manifest_path(folder / MANIFEST) == folder / MANIFEST


@pytest.mark.parametrize("path", ["inner", "gone", "gone.yaml"])
def test_a_manifest_that_is_missing_names_init(folder, refusal, path):
    code, said = refusal(manifest_path, folder / path)

    assert code == "manifest_missing"
    assert said.endswith("no such file; write one with 'reliability init DATA'")


@pytest.mark.parametrize("path", ["data.csv\x00", "\x00", "../e\x00.csv", "/etc/passwd\x00"])
def test_a_name_with_a_nul_character_is_refused_as_what_it_is(folder, refusal, path):
    code, said = refusal(inside, folder, path, where="submission.yaml:6", key="data.evaluation")

    assert code == "path_character"
    assert said == (
        f"submission.yaml:6: data.evaluation: {path!r} has a NUL character, which no file name has; remove it"
    )


@pytest.mark.parametrize(("path", "what"), [("inner", "folder"), (".", "folder"), ("pipe.csv", "pipe or device")])
def test_what_is_no_regular_file_is_refused_without_being_opened(folder, refusal, path, what):
    os.mkfifo(folder / "pipe.csv")

    code, said = refusal(file_inside, folder, path, where="submission.yaml:6", key="data.evaluation")

    assert code == "file_irregular"
    assert said == (
        f"submission.yaml:6: data.evaluation: {path!r} is a {what}, not a regular file; copy the file itself there"
    )
