"""Runs scikit-learn's own metric tests, unchanged, with our checks in the place of its metrics."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODULES = ("test_classification", "test_ranking", "test_regression", "test_common")


@dataclass(frozen=True)
class Suite:
    """What became of the tests, and of every call that they made of a metric."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    skipped: tuple[str, ...]
    calls: tuple[dict, ...]


def run(folder, *, ours=True, modules=MODULES):
    """The suite in a process of its own; its results are left in `folder`."""
    report, log = folder / "results.xml", folder / "calls.jsonl"
    log.touch()
    tests = [f"sklearn.metrics.tests.{module}" for module in modules]
    options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(folder), f"--junit-xml={report}"]
    plugin = ["-p", "adapter"] if ours else []
    environment = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}", "ORACLE_LOG": str(log)}
    subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", *tests, *options, *plugin],
        cwd=folder, env=environment, check=False, capture_output=True,
    )  # fmt: skip
    return read(report, log)


def read(report, log):
    """Results by name of test, and the calls."""
    by_fate = {"passed": [], "failed": [], "skipped": []}
    for case in ET.parse(report).getroot().iter("testcase"):
        inside = {child.tag for child in case}
        fate = "failed" if inside & {"failure", "error"} else "skipped" if "skipped" in inside else "passed"
        by_fate[fate].append(f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}")
    calls = tuple(json.loads(line) for line in Path(log).read_text(encoding="utf-8").splitlines())
    return Suite(*(tuple(sorted(names)) for names in by_fate.values()), calls)
