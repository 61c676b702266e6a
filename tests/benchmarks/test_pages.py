"""What every page of benchmarks is put together with."""

import pytest

from benchmarks.pages import locked, put, put_head, put_section, with_section

HEADING = "## Beside peers"


@pytest.mark.parametrize("after", ["", "\n## Elsewhere\n\nStays.\n"])
@pytest.mark.parametrize("before", ["# Benchmarks\n", "# Benchmarks\n\n| a |\n"])
def test_a_section_is_replaced_and_never_appended_twice(before, after):
    once = with_section(before + after, f"{HEADING}\n\nold\n", HEADING)
    moved = with_section(f"{before}\n{HEADING}\n\nold\n{after}", f"{HEADING}\n\nnew\n", HEADING)

    assert once.count(HEADING) == moved.count(HEADING) == 1
    assert moved == f"{before}\n{HEADING}\n\nnew\n{after}"
    assert with_section(moved, f"{HEADING}\n\nnew\n", HEADING) == moved


def test_a_section_between_others_leaves_them_alone():
    page = "# Benchmarks\n\n## A\n\nold\n\n## B\n\nkept\n"

    assert with_section(page, "## A\n\nnew\n", "## A") == "# Benchmarks\n\n## A\n\nnew\n\n## B\n\nkept\n"


def test_a_section_is_put_on_a_page_that_is_not_there_yet(tmp_path, capsys):
    put_section(f"{HEADING}\n\nnew\n", HEADING, tmp_path / "page.md")

    assert (tmp_path / "page.md").read_text() == f"# Benchmarks\n\n{HEADING}\n\nnew\n"
    assert HEADING in capsys.readouterr().out


@pytest.mark.parametrize("sections", ["", "\n## A\n\nkept\n\n## B\n\nkept too\n"])
def test_what_stands_above_the_sections_is_replaced_and_they_stay(tmp_path, capsys, sections):
    page = tmp_path / "page.md"
    page.write_text(f"# Benchmarks\n\n| old |\n{sections}", encoding="utf-8")
    put_head("# Benchmarks\n\n| new |\n", page)

    assert page.read_text() == f"# Benchmarks\n\n| new |\n{sections}"
    assert capsys.readouterr().out == "# Benchmarks\n\n| new |\n\n"
    put_head("# Benchmarks\n", tmp_path / "new.md")
    assert (tmp_path / "new.md").read_text() == "# Benchmarks\n"


def test_a_page_is_printed_where_no_file_is_named(tmp_path, capsys):
    put("text", None)
    put("text", tmp_path / "deep" / "page.md")

    assert capsys.readouterr().out == "text\n"
    assert (tmp_path / "deep" / "page.md").read_text() == "text"


def test_a_version_is_the_locks_and_a_package_that_is_not_there_is_an_error():
    assert locked("evidently", "peer-evidently")[0].isdigit()
    with pytest.raises(ValueError, match="no nonsense"):
        locked("nonsense", "peer-evidently")
