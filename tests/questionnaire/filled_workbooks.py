"""A questionnaire of three questions, and its workbook as a person would change it."""

import io
import re
import zipfile

from openpyxl import load_workbook

from reliability.questionnaire.questions import Question, Questionnaire
from reliability.questionnaire.workbook import write_workbook
from reliability.records import Answer, EvidenceFile
from reliability.submission.answers import Draft

SECTIONS = {
    "GOV": {"ko": "거버넌스", "en": "Governance"},
    "ROB": {"ko": "강건성·안전성", "en": "Robustness and safety"},
}
# The columns that a person fills in, by the letters they stand under.
LETTERS = {"answer": "H", "note": "I", "by": "J", "date": "K", "evidence": "L", "checked_by": "M", "mark": "N"}


def question(item, **given):
    said = {"ko": f"{item} 질문입니까?", "en": f"Is {item} asked?"}
    told = {
        "section_title": SECTIONS.get(item[:3], said), "title": {"ko": f"{item} 제목", "en": f"{item} title"},
        "requirement": {"ko": "요구한다.", "en": "It is required."}, "ask": said,
        "evidence": {"ko": "문서.", "en": "A document."}, "references": ("TTA-02", "KR-34-1-1"), "severity": "major",
        "evidence_required": False, "checked_by_required": False, "when": None, "facts": {},
    }  # fmt: skip
    return Question(**{"item": item, "section": item[:3], **told, **given})


QUESTIONS = (question("GOV-01", evidence_required=True), question("GOV-02"), question("ROB-01"))


def answer(word="met", *, evidence=(), **given):
    files = tuple(EvidenceFile(path=path, sha256="0" * 64) for path in evidence)
    return Answer(answer=word, evidence=files, **given)


def draft(*, evidence=(), **given):
    return Draft(evidence=tuple(EvidenceFile(path=path, sha256="0" * 64) for path in evidence), **given)


def asked(answers=None, *, questions=QUESTIONS, drafts=None, states=None, troubles=None, version="1.1.0"):
    answers = answers or {}
    usual = {one.item: "answered" if one.item in answers else "new" for one in questions}
    usual |= {item: "orphaned" for item in answers if item not in usual}
    return Questionnaire(
        checklist="trustworthy-ai", version=version, title={"ko": "점검표", "en": "Checklist"}, questions=questions,
        answers=answers, drafts=drafts or {}, states=usual | (states or {}), troubles=troubles or {},
    )  # fmt: skip


def workbook(path, answers=None, *, lang="ko", **given):
    """The workbook of the three questions, written; its path and the questionnaire."""
    made = asked(answers, **given)
    write_workbook(made, path, lang=lang)
    return made


def edited(path, change):
    """The workbook as it is after a person changed it and saved it."""
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def typed(path, **cells):
    """The workbook with texts typed into the answer cells of its first question."""

    def change(book):
        for name, value in cells.items():
            book.worksheets[1][f"{LETTERS[name]}2"] = value

    return edited(path, change)


def part(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def with_parts(path, parts):
    """The workbook with parts put in or replaced, packed as usual."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (kept | parts).items():
            archive.writestr(name, content)
    return path


def raw_cell(path, sheet, coordinate):
    """A cell as it stands in the XML of a sheet, by the sheet's number."""
    text = part(path, f"xl/worksheets/sheet{sheet}.xml")
    found = re.search(rf'<c r="{coordinate}"[^>]*?(/>|>.*?</c>)', text, re.DOTALL)
    return found[0]


def packed(parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()
