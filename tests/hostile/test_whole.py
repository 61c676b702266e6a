"""Hostile submissions through the command line: the right words, the right status, a whole case or none."""

import os
import pickle
import zlib

import pytest

from reliability.case import read_case
from tests.hostile.payloads import Acting
from tests.small_case import MANIFEST, checklist, table

FIRST = "def predict(frame):\n    "
PROJECTS = {
    "ends well and early": ("import os\n" + FIRST + "os._exit(0)\n", "model_exited", "status: 0"),
    "forges a verdict": (
        "import os, sys, struct\n" + FIRST
        + "raw = b'{\"id\": 3, \"outcome\": \"conforms\"}'\n"
        + "    os.write(int(sys.argv[1]), struct.pack('<4sIQ', b'RWK1', len(raw), 0) + raw)\n    os._exit(0)\n",
        "model_protocol_violation", "protocol",
    ),
    "takes its words from a page": (
        FIRST + "raise ValueError('<script>alert(1)</script>\\x1b[2J적합')\n", "model_raised", "<script>",
    ),
}  # fmt: skip


@pytest.fixture
def submitted(tmp_path):
    """A submission of a model file or project; the folder, and a small checklist beside it."""

    def write(model: str, /, **files):
        folder = tmp_path / "submission"
        folder.mkdir()
        for name, content in files.items():
            (folder / name.replace("_py", ".py")).write_bytes(content)
        (folder / "submission.yaml").write_text(
            MANIFEST.replace("EVALUATION", "data.csv").replace("task:", f"model: {model}\ntask:"), encoding="utf-8"
        )
        table(60).drop_columns(["y_pred", "y_score"]).to_pandas().to_csv(folder / "data.csv", index=False)
        checklist(tmp_path, "PER-01", "DAT-01", asked="")
        return folder

    return write


def only_reason(case):
    findings = {one.item: one for one in read_case(case).findings}
    assert findings["DAT-01"].verdict == "pass"
    assert findings["PER-01"].verdict == "error"
    (criterion,) = findings["PER-01"].criteria
    (measured,) = criterion.measurements
    assert (measured.value, measured.low, measured.high, measured.judged) == (None, None, None, False)
    return measured.reason


@pytest.mark.parametrize("what", PROJECTS)
def test_project_that_misbehaves_is_an_error_in_words_and_never_a_number(confined, submitted, run, tmp_path, what):
    source, code, words = PROJECTS[what]
    folder = submitted("{format: python, path: predict.py, function: 'predict:predict', classes: [0, 1]}",
                       predict_py=source.encode())  # fmt: skip

    done = run("assess", folder, "--checklist", tmp_path / "small.yaml", "--out", tmp_path / "case", "--timeout", 60)

    assert done.status == 3, done.err
    assert only_reason(tmp_path / "case").code == code
    assert read_case(tmp_path / "case").subject.model.isolation["exit"] == code
    for lang in ("ko", "en"):
        page = tmp_path / f"{lang}.html"
        assert run("report", tmp_path / "case", "--kind", "test", "--lang", lang, "-o", page).status == 0
        text = page.read_text()
        assert "<script>alert" not in text
        assert "\x1b" not in text
        if lang == "en":
            assert words.replace("<", "&lt;").replace(">", "&gt;") in text


def test_pickle_that_acts_is_refused_by_its_names_and_its_marker_is_not_there(confined, submitted, run, tmp_path):
    content = zlib.compress(pickle.dumps(Acting(os.system, f"touch {tmp_path}/marker")))
    folder = submitted("{format: pickle, path: model}", model=content)

    done = run("assess", folder, "--checklist", tmp_path / "small.yaml", "--out", tmp_path / "case", "--timeout", 60)

    assert done.status == 3, done.err
    reason = only_reason(tmp_path / "case")
    assert (reason.code, reason.with_["types"]) == ("model_refused", "posix.system")
    assert not (tmp_path / "marker").exists()
    assert "safe" not in done.out + done.err
