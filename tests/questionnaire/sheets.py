"""Small checklists and answers files as people write them: every style of YAML, comments wherever they may stand."""

from datetime import date

from hypothesis import strategies as st

from reliability.checklist.read import read_checklist
from reliability.questionnaire.questions import asked
from reliability.questionnaire.sheet import Comments
from reliability.submission.answers import read_answers
from reliability.submission.init import scalar

TODAY = date(2026, 7, 1)
SHA = "a" * 64
ITEMS = ("GOV-01", "GOV-02", "RSK-01", "RSK-02")
HEAD = 'answers: 1\nchecklist: small\nversion: "1.0.0"\n'
CHECKLIST = """\
checklist: {name}
format: 1
version: {version}
title: {{ko: 작은 점검표, en: Small checklist}}
decision: {{rule: four_way, confidence: 0.95}}
outcome: {{critical: pass, major: conditional_pass, open_minor: 3}}
sections:
"""
SECTION = "  - id: {name}\n    title: {{ko: {name} 절, en: Section {name}}}\n    items:\n"
ITEM = """\
      - id: {name}
        requirement: {{ko: {name} 요구사항이다., en: {name} is required.}}
        ask: {{ko: {name} 질문입니까{more}?, en: Is {name} so{more}?}}
        evidence: {{ko: {name} 근거, en: proof of {name}}}
        severity: minor
"""


def checklist(folder, *items, version="1.0.0", name="small", more="", keys=None):
    """A checklist that asks these items, in sections by the letters of their ids; `keys` adds lines by item."""
    lines, sections = [CHECKLIST.format(name=name, version=version)], []
    for item in items or ITEMS:
        section = item.partition("-")[0]
        lines += [] if section in sections else [SECTION.format(name=section)]
        sections.append(section)
        lines.append(ITEM.format(name=item, more=more))
        lines += [f"        {line}\n" for line in (keys or {}).get(item, ())]
    path = folder / f"{name}-{version}.yaml"
    path.write_text("".join(lines), encoding="utf-8")
    return read_checklist(path)


def standing(folder, text, used, *, known=None, on=TODAY):
    """The questionnaire that a sheet of this text stands for."""
    (folder / "answers.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return asked(used, known or {}, read_answers(folder, "answers.yaml"), on=on)


def beside(*items):
    """A comment for every question, and one for its section."""
    sections = dict.fromkeys(item.partition("-")[0] for item in items)
    return Comments(
        head=("# head",),
        sections={one: (f"# section {one}",) for one in sections},
        questions={item: (f"# about {item}",) for item in items},
        asks={item: (("# 무엇",), (f"# about {item}",)) for item in items},
    )


def is_part_in_order(lines, whole):
    """Whether the lines stand in the whole, in their order."""
    rest = iter(whole)
    return all(line in rest for line in lines)


TEXT = st.text(
    st.one_of(
        st.sampled_from("가나다 #:-'\"{}[],&*!|>%@`?\t\n한 글자 a1_.~"),
        st.characters(min_codepoint=0x20, max_codepoint=0x1F64F, exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp")),
    ),
    min_size=1,
    max_size=40,
).filter(str.strip)
ANSWER = st.sampled_from(["met", "partly", "not_met", "not_applicable"])
FILES = st.lists(st.sampled_from(["a.pdf", "근거/b c.pdf", "d#1.pdf"]), unique=True, max_size=3)
COMMENT = st.one_of(st.just(""), st.sampled_from(["# 가", "# 'quoted", "#x: y", "# a # b", '# "', "# {", "# - z"]))


@st.composite
def sheets(draw):
    """A sheet as somebody may have written it, and the items that stand in it."""
    items = draw(st.lists(st.sampled_from(ITEMS), unique=True, max_size=4))
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    lines = [draw(COMMENT), f"answers: 1  {draw(COMMENT)}", "checklist: small", f'version: "1.0.0" {draw(COMMENT)}']
    lines += (
        draw(st.sampled_from([["items:"], ["items: {}"], [], ["items: {  }  # none"], ["items: null"]]))
        if not items
        else []
    )
    lines += [f"items: {draw(COMMENT)}"] if items else []
    indent = " " * draw(st.sampled_from([1, 2, 4]))
    for item in items:
        lines += [indent + line for line in draw(_entries(item))]
    text = newline.join([*lines, *draw(st.lists(COMMENT, max_size=2))])
    return text + draw(st.sampled_from([newline, "", newline * 2])), tuple(items)


@st.composite
def _entries(draw, item):
    """One item on lines of its own or in brackets, or left empty."""
    above = list(draw(st.lists(COMMENT, max_size=2)))
    key = draw(st.sampled_from([item, f"'{item}'", f'"{item}"']))
    style = draw(st.sampled_from(["lines", "lines", "lines", "brackets", "empty"]))
    if style == "empty":
        return [*above, f"{key}: {draw(COMMENT)}"]
    fields = draw(st.permutations(draw(_fields())))
    if style == "brackets":
        inner = ", ".join(f"{name}: {draw(_in_brackets(name, value))}" for name, value in fields)
        return [*above, f"{key}: {{{inner}}} {draw(COMMENT)}"]
    lines = [f"{key}: {draw(COMMENT)}"]
    for name, value in fields:
        lines += draw(_on_lines(name, value))
    return [*above, *lines, *draw(st.lists(COMMENT, max_size=1))]


@st.composite
def _fields(draw):
    """What an entry says, field by field; None where a field is left empty."""
    answer = draw(st.one_of(ANSWER, st.none()))
    told = {"answer": answer}
    if answer == "not_applicable" or draw(st.booleans()):
        told["note"] = draw(TEXT)
    for name in ("by", "checked_by"):
        if draw(st.booleans()):
            told[name] = draw(st.one_of(st.none(), TEXT))
    if draw(st.booleans()):
        told["evidence"] = [{"path": path, "sha256": SHA} for path in draw(FILES)]
    return list(told.items())


@st.composite
def _in_brackets(draw, name, value):
    if value is None:
        return ""
    if name == "evidence":
        return "[" + ", ".join(f"{{path: {scalar(one['path'])}, sha256: {SHA}}}" for one in value) + "]"
    return draw(_quoted(value))


@st.composite
def _quoted(draw, text):
    """A text as it may be quoted on one line."""
    ways = [scalar(text)]
    if "\n" not in text and text.isprintable():
        ways.append("'" + text.replace("'", "''") + "'")
    return draw(st.sampled_from(ways))


@st.composite
def _on_lines(draw, name, value):
    """One field below its item."""
    comment = draw(COMMENT)
    if value is None:
        return [f"  {name}:  {comment}"]
    if name == "evidence" and value and draw(st.booleans()):
        step = draw(st.sampled_from(["  ", "    "]))
        lines = [f"  evidence: {comment}"]
        for one in value:
            lines += [f"{step}- path: {scalar(one['path'])} {draw(COMMENT)}", f"{step}  sha256: {SHA}"]
        return lines
    if name == "evidence":
        return [f"  evidence: {draw(_in_brackets(name, value))} {comment}"]
    if name == "note" and _fits_a_block(value) and draw(st.booleans()):
        sign = draw(st.sampled_from(["|-", "|", "|+"]))
        return [f"  note: {sign}", *(f"    {line}" if line else "" for line in value.split("\n"))]
    return [f"  {name}: {draw(_quoted(value))} {comment}"]


def _fits_a_block(text):
    lines = text.split("\n")
    return text.replace("\n", "").isprintable() and all(line == line.strip() and line for line in lines)
