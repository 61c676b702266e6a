"""The proof that prints every document: what it says, and what it does without a case or a program."""

import sys

import pytest

from benchmarks import conformance
from benchmarks.conformance import Judged, judged, lacking, main, page_of
from tests.reports.sample import assessment

NEEDS = [name for name in ("qpdf", "pdffonts") if conformance.shutil.which(name) is None]


def one(**changes):
    given = {"record": "demo", "kind": "test", "lang": "ko", "pages": 17, "kilobytes": 303.9, "rules": 260,
             "broken": (), "faces": ("NanumBarunGothic",)}  # fmt: skip
    return Judged(**given | changes)


def test_page_has_a_line_a_document_and_every_broken_rule():
    text = page_of([one(), one(lang="en", broken=("6.1.2: no header", "qpdf: damaged"))])

    assert "**2 rules broken in 2 documents.**" in text
    assert "| demo | test | ko | 17 | 304 | 260 | 0 | NanumBarunGothic |" in text
    assert text.endswith("## Broken\n\n- demo test en: 6.1.2: no header\n- demo test en: qpdf: damaged\n")


def test_page_without_a_broken_rule_lists_none():
    assert "## Broken" not in page_of([one()])


def test_lacking_names_the_case_or_the_program(tmp_path, monkeypatch):
    monkeypatch.setattr(conformance.shutil, "which", lambda name: f"/bin/{name}")
    assert "run script/demo first" in lacking(tmp_path / "none")
    monkeypatch.setattr(conformance.shutil, "which", lambda name: None)
    assert lacking(tmp_path) == "no qpdf, pdffonts: apt-get install -y qpdf poppler-utils"


def test_without_a_case_nothing_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(conformance.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(sys, "argv", ["conformance", "--case", str(tmp_path / "none")])

    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "no case" in capsys.readouterr().err


@pytest.mark.skipif(bool(NEEDS), reason=f"needs {', '.join(NEEDS)}")
def test_a_rule_broken_on_purpose_is_found(tmp_path):
    pytest.importorskip("page", reason="needs page-validation")
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    whole = conformance.drawn(assessment(), "sample", "summary", "en")
    sound, broken = tmp_path / "sound.pdf", tmp_path / "broken.pdf"
    sound.write_bytes(whole)
    broken.write_bytes(whole.replace(b"<pdfuaid:part>1<", b"<pdfuaid:part>2<"))

    good, bad = (judged(file, record="sample", kind="summary", lang="en") for file in (sound, broken))
    assert good.broken == ()
    assert good.pages == 2
    assert set(good.faces) <= {"NanumBarunGothic", "DejaVuSans", "NotoSansKR", "Pretendard", "NanumGothic"}
    assert len(bad.broken) >= 1
