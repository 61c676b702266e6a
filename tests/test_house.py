"""The measures of the house, held as tests: what grows past them fails here first."""

import ast
import io
import re
import statistics
import tokenize
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "reliability"
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 8
LARGEST_MODULE = 350
DEEPEST_FOLDER = 2
LEAST_TESTS = 1.5
LEAST_TESTS_OF_CHECKS = 3.0
FORBIDDEN_NAMES = frozenset(
    "utils util helpers helper common core base constants types manager service factory interface".split()
)
FORBIDDEN_CLASS = re.compile(r"(Manager|Service|Factory|Interface|Util|Utils|Helper|Helpers)$|^Base[A-Z]|[a-z]Base$")
# What runs with a submitted model may import these of ours and nothing else.
SEEN_BY_THE_CHILD = ("reliability.worker",)

MODULES = sorted(PACKAGE.rglob("*.py"))
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def code_lines(path):
    """Numbers of the lines that hold code: no blank ones, no comments, no docstrings."""
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type not in layout:
            lines.update(range(token.start[0], token.end[0] + 1))
    return frozenset(lines - docstring_lines(tree_of(path)))


def docstring_lines(tree):
    owners = (node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | FUNCTION))
    strings = (node.body[0] for node in owners if ast.get_docstring(node, clean=False) is not None)
    return {line for string in strings for line in range(string.lineno, string.end_lineno + 1)}


def functions(path):
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, FUNCTION)]


def length(path, function):
    return len(code_lines(path) & set(range(function.lineno, function.end_lineno + 1)))


def public(tree):
    """Every class, function and method whose name, and whose owner's name, is for others."""
    for node in getattr(tree, "body", []):
        if isinstance(node, ast.ClassDef | FUNCTION) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def lines_under(*folders):
    return sum(len(code_lines(path)) for folder in folders for path in folder.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_stay_within_forty_code_lines(path):
    assert [node.name for node in functions(path) if length(path, node) > LONGEST_FUNCTION] == []


def test_half_of_the_functions_stay_within_eight_code_lines():
    lengths = [length(path, node) for path in MODULES for node in functions(path)]

    assert statistics.median(lengths) <= MEDIAN_FUNCTION


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_within_350_code_lines(path):
    assert len(code_lines(path)) <= LARGEST_MODULE


def test_code_lines_counts_neither_comments_nor_docstrings(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text('"""Module."""\n\n# why\ndef f():\n    """Say\n    it."""\n    return """a\n    b"""  # so\n')

    assert code_lines(path) == {4, 7, 8}


def catch_alls(tree):
    """Handlers that catch everything and do not raise it again."""
    handlers = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    swallowing = (handler for handler in handlers if not raises_again(handler))
    caught = [ast.unparse(handler.type) if handler.type else "everything" for handler in swallowing]
    return [what for what in caught if re.search(r"\b(Exception|BaseException|everything)\b", what)]


def raises_again(handler):
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_everything_is_caught_in_one_place_at_most():
    found = [(name_of(path), what) for path in MODULES for what in catch_alls(tree_of(path))]

    assert len(found) <= 1, found
    assert {Path(place).parent.name for place, _ in found} <= {"worker"}


def test_catch_alls_finds_a_handler_that_swallows_and_spares_one_that_raises_again():
    cleaned_up = "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"
    swallowed = "try:\n    f()\nexcept (ValueError, Exception):\n    pass\n"

    assert catch_alls(ast.parse(cleaned_up)) == []
    assert catch_alls(ast.parse(swallowed)) == ["(ValueError, Exception)"]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_everything_public_has_a_docstring(path):
    tree = tree_of(path)
    bare = [node.name for node in public(tree) if not ast.get_docstring(node) and not is_overload(node)]

    assert bare == []
    assert ast.get_docstring(tree), "the module itself"


def is_overload(node):
    return any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_folders_stay_two_deep(path):
    assert len(path.relative_to(PACKAGE).parents) - 1 <= DEEPEST_FOLDER


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_or_class_has_a_name_that_says_nothing(path):
    classes = [node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]

    assert FORBIDDEN_NAMES.isdisjoint(path.relative_to(PACKAGE).with_suffix("").parts)
    assert [name for name in classes if FORBIDDEN_CLASS.search(name)] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=name_of)
def test_init_files_hold_a_docstring_and_no_import(path):
    assert [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Import | ast.ImportFrom)] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_left_to_do_and_nothing_silenced_without_its_reason(path):
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"\b(?:TODO|FIXME|XXX)\b", text) == []
    assert re.findall(r"# type: ignore(?!\[[\w, -]+\]  ?\S)", text) == []
    assert re.findall(r"# noqa(?!: [A-Z]+[0-9]+)", text) == []


def test_the_clock_is_read_at_the_command_line_only():
    clock = re.compile(r"\b(?:datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
    found = [name_of(path) for path in MODULES if clock.search(path.read_text(encoding="utf-8"))]

    assert [place for place in found if not place.startswith("reliability/cli/")] == []


def test_there_are_three_lines_of_tests_for_two_of_code():
    assert lines_under(ROOT / "tests") >= LEAST_TESTS * lines_under(PACKAGE)


def test_there_are_three_lines_of_tests_for_one_of_a_check():
    assert lines_under(ROOT / "tests" / "checks") >= LEAST_TESTS_OF_CHECKS * lines_under(PACKAGE / "checks")


def test_the_contract_of_the_models_process_names_all_our_other_modules():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (child,) = [one for one in contracts if one.get("source_modules") == ["reliability.worker.child"]]
    ours = {f"reliability.{path.stem}" for path in PACKAGE.iterdir() if is_module(path)}

    assert ours - set(SEEN_BY_THE_CHILD) <= set(child["forbidden_modules"])


def is_module(path):
    return (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
