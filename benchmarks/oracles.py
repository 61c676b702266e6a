"""Runs scikit-learn's own metric tests against our checks and writes what became of them.

    python -m benchmarks.oracles [--write docs/validation/oracles.md]

fairlearn's source distribution carries no tests (0.15.0), so hypothesis compares with it in tests/checks instead.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.pages import ROOT, written_by

sys.path.insert(0, str(ROOT / "tests" / "oracles"))

from known import CALLS, TESTS
from suite import MODULES, Suite, run


def page(suite: Suite, theirs: Suite) -> str:
    """The result as Markdown, with date and versions."""
    parts = [
        "# Oracles: scikit-learn's own tests, run against our checks",
        f"{written_by('benchmarks/oracles.py', 'reliability-workbench', 'scikit-learn', 'numpy')}.",
        "The tests that ship in scikit-learn's wheel "
        f"({', '.join(f'`{name}`' for name in MODULES)}) run unchanged; `tests/oracles/adapter.py` puts our checks in "
        "the place of the metrics. What we do not measure, or decline to measure, is answered by scikit-learn itself "
        "and counted apart. Nothing of theirs is copied. fairlearn's source distribution (0.15.0) carries no tests; "
        "its metrics are compared on random tables in `tests/checks/`.",
        f"**{len(suite.passed)} passed, {len(suite.failed)} failed, {len(suite.skipped)} skipped**; with their own "
        f"metrics, in the same environment: {len(theirs.passed)} passed, {len(theirs.failed)} failed, "
        f"{len(theirs.skipped)} skipped.",
        calls_table(suite),
        disagreements(suite, theirs),
    ]
    return "\n\n".join(parts) + "\n"


def calls_table(suite: Suite) -> str:
    """Calls by metric, and who answered them."""
    counted = Counter((call["metric"], call["how"]) for call in suite.calls)
    reasons = Counter((call["metric"], call["code"]) for call in suite.calls if call["how"] == "declined")
    lines = [
        "## Calls made by the tests",
        "",
        "| metric | answered by ours | declined by ours | not ours to answer |",
        "|---|---:|---|---:|",
    ]
    for metric in sorted({name for name, _ in counted}):
        why = ", ".join(f"{code} {n}" for (name, code), n in sorted(reasons.items()) if name == metric)
        lines.append(f"| {metric} | {counted[metric, 'ours']} | {why or '0'} | {counted[metric, 'not ours']} |")
    return "\n".join(lines)


def disagreements(suite: Suite, theirs: Suite) -> str:
    """Every test that ours fails and theirs does not, and every call with another answer, with the verdict."""
    lines = ["## Disagreements", ""]
    lines += [
        f"- test `{name}`: {TESTS.get(name, '**unexplained**')}" for name in suite.failed if name not in theirs.failed
    ]
    differing = Counter((call["metric"], about(call)) for call in suite.calls if "ours" in call)
    for (metric, test), n in sorted(differing.items()):
        lines.append(f"- {n} calls of `{metric}` in `{test}`: {CALLS.get((metric, test), '**unexplained**')}")
    return "\n".join(lines if len(lines) > 2 else [*lines, "None."])


def about(call: dict[str, str]) -> str:
    """The test function that made a call, without its parameters."""
    return call["test"].rpartition("::")[2].partition("[")[0].partition(" ")[0]


def main() -> None:
    """Run both, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    suites = []
    for ours in (True, False):
        with tempfile.TemporaryDirectory() as work:
            suites.append(run(Path(work), ours=ours))
    text = page(*suites)
    if asked.write:
        asked.write.write_text(text, encoding="utf-8")
    print(text)
    sys.exit("**unexplained**" in text)


if __name__ == "__main__":
    main()
