"""A submission's folder with a manifest and a sheet of answers, and nothing else: what a screening needs."""

from reliability.screening.answers import read_answers
from reliability.screening.inputs import read_inputs
from tests.screening.credit import CREDIT, QUESTIONS

MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사 모델, version: "1.0", purpose: 승인 여부를 제안한다}
FACTS
task: binary
data: {evaluation: data.csv, target: approved, favourable: 1, prediction: y_pred}
"""
REASONS = {"eu_reach": "국내에서만 쓴다", "generates": "점수만 낸다", "harm": "적은 돈", "final_decision": "번복 기록",
           "affected": "부품 검사", "kr_domains": "해당 없음", "ai_system": "규칙", "personal_data": "없다",
           "about_people": "집단 예측", "users": "국방"}  # fmt: skip


def sheet(values=CREDIT, *, version="1.0.0", lines=()):
    """A sheet of answers as somebody would write it, each on a line; reasons where one is needed."""
    written = [f"  {name}: {{value: {flow(value)}{_because(name, value)}}}" for name, value in values.items()]
    return "\n".join(["screening: 1", f"version: {version}", "answers:", *written, *lines, ""])


def _because(name, value):
    needed = name in QUESTIONS.by_id and QUESTIONS.by_id[name].needs_reason(value)
    return f", because: {REASONS.get(name, '까닭')}" if needed else ""


def flow(value):
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)


def submission(folder, text=None, *, facts=""):
    """The folder, with the manifest and, where there is a text, the sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "submission.yaml").write_text(
        MANIFEST.replace("FACTS", f"facts: {{{facts}}}" if facts else ""), encoding="utf-8"
    )
    if text is not None:
        (folder / "screening_answers.yaml").write_text(text, encoding="utf-8")
    return folder


def read(folder, text):
    """The answers of a sheet."""
    return read_answers(submission(folder, text), QUESTIONS)


def inputs(folder, values=CREDIT, *, facts="", **changes):
    """What a screening rests on, by the lender's answers with changes."""
    given = {name: value for name, value in {**values, **changes}.items() if value is not None}
    return read_inputs(submission(folder, sheet(given), facts=facts))
