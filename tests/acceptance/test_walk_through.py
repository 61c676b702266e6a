"""The README's walk-through, typed at a terminal: a folder with two tables and a model, to a report."""

import codecs
import os
import pty
import resource
import select
import signal
import sys
import time

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from reliability import resources
from reliability.case import read_case
from reliability.words.text import words

MOST_PROMPTS = 80
MOST_SECONDS = 60
PATIENCE_S = 150
SAY = words("ko").text
QUESTIONS = YAML(typ="safe").load(resources.checklists() / "screening.yaml")["questions"]
# The facts of a lender whose officers decide, by the question's id.
SCREENED = {
    "ai_system": "y", "role": "builds_and_serves", "users": "own_staff", "operator": "korean",
    "eu_reach": "n 국내에서만 쓴다",
    "practices": "none", "supports": "credit", "affected": "customers", "about_people": "y", "vulnerable": "none",
    "people_per_year": "6000", "kr_domains": "individual_rights", "harm": "limited", "reversible": "fully",
    "final_decision": "human", "override_log": "y", "appeal": "y", "personal_data": "training operation",
    "protected_inputs": "none", "data_sources": "own", "generates": "n 정형 데이터 분류 모델이다",
    "talks": "n 직원만 결과를 본다", "model_origin": "own_small", "third_parties": "none", "updates": "fixed",
    "deployment": "own_servers", "sector_law": "finance", "incidents": "n", "certificates": "none",
}  # fmt: skip
PARTICULARS = {
    "organisation": "온고을신용", "system": "소액대출 심사 모델", "version": "2.3.1",
    "purpose": "소액대출 신청의 승인 여부를 제안한다", "entity": "n 신청인마다 한 행", "segments": "branch",
    "level": "0.8",
}  # fmt: skip


class Terminal:
    """Types at a command's prompts, one line each, and counts them."""

    def __init__(self, folder):
        self.folder = folder
        self.prompts = 0

    def run(self, *command, reply=None):
        process, screen = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.environ.update(LC_ALL="C.UTF-8", COLUMNS="100", TERM="dumb")
            os.execv(sys.executable, [sys.executable, "-m", "reliability", *map(str, command), "--lang", "ko"])
        signal.alarm(PATIENCE_S)  # a command that waits for ever ends the test
        told, decoder, open_to = "", codecs.getincrementaldecoder("utf-8")("replace"), 0
        while chunk := self._chunk(screen):
            told += decoder.decode(chunk)
            if reply is not None and told[open_to:].rstrip().endswith(PROMPTS) and not self._more(screen):
                self.prompts += 1
                line, open_to = reply(told[open_to:]), len(told)
                os.write(screen, f"{line}\n".encode())
        signal.alarm(0)
        os.close(screen)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), told

    def _chunk(self, screen):
        try:
            return os.read(screen, 65_536)
        except OSError:  # the command has ended
            return b""

    def _more(self, screen):
        return bool(select.select([screen], [], [], 0.05)[0])


PROMPTS = (
    *(SAY(key) for key in ("answers.prompt", "answers.who", "screening.who")),
    *(SAY(f"init.ask.{key}") for key in ("organisation", "system", "version", "purpose")),
    "[Y/n]:", ">",
)  # fmt: skip


def lenders(n, seed):
    """Applications for small loans; what decides is income, debt and late payments, and not the person's sex."""
    draws = np.random.default_rng(seed)
    table = pd.DataFrame({
        "applicant_id": [f"A{seed}-{row:06d}" for row in range(n)],
        "income": draws.lognormal(8, 0.5, n).round(1),
        "debt_ratio": draws.beta(2, 5, n).round(4),
        "years_employed": draws.integers(0, 30, n),
        "late_payments": draws.poisson(0.6, n),
        "branch": draws.choice(["전주", "군산", "익산"], n),
        "sex": draws.choice(["F", "M"], n),
        "age": draws.integers(20, 65, n),
    })  # fmt: skip
    merit = (
        1.6 * (np.log(table["income"]) - 8) - 4 * (table["debt_ratio"] - 0.29) - 1.1 * (table["late_payments"] - 0.6)
    )
    return table.assign(approved=(draws.random(n) < 1 / (1 + np.exp(-2.2 * merit - 1.3))).astype("int64"))


@pytest.fixture
def folder(tmp_path):
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from skops.io import dump

    case = tmp_path / "case"
    case.mkdir()
    training, evaluation = lenders(5_000, 1), lenders(5_000, 2)
    inputs = ["income", "debt_ratio", "years_employed", "late_payments"]
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    dump(model.fit(training[inputs], training["approved"]), case / "model.skops")
    training.to_csv(case / "training.csv", index=False)
    evaluation.to_csv(case / "evaluation.csv", index=False)
    return tmp_path


def to_init(told):
    asked = next((key for key in PARTICULARS if SAY(f"init.ask.{key}", check=AUC).strip() in told), None)
    return PARTICULARS.get(asked, "")


AUC = SAY("check.performance.roc_auc")


def to_screening(told):
    flat = " ".join(told.split())
    if SAY("screening.who") in flat:
        return "김서연"
    [question] = [one for one in QUESTIONS if " ".join(one["ask"]["ko"].split()) in flat]
    answer = SCREENED[question["id"]]
    ids = [choice["id"] for choice in question.get("choices", ())]
    numbers = ",".join(str(ids.index(word) + 1) for word in answer.split()) if ids else answer
    because = ids and set(answer.split()) & set(question.get("reason_for", ()))
    return f"{numbers} 업무 규정에 그렇게 정하고 있다" if because else numbers


def to_answers(told):
    return "김서연" if SAY("answers.who") in told else "1 문서로 정리하여 승인함"


def test_five_commands_lead_from_a_folder_to_a_decided_outcome(folder):
    terminal, before = Terminal(folder), resource.getrusage(resource.RUSAGE_CHILDREN)

    began = time.monotonic()
    for command, reply in (
        (("init", "case/evaluation.csv", "--model", "case/model.skops"), to_init),
        (("screen", "case"), to_screening),
        (("answers", "case"), to_answers),
    ):
        status, told = terminal.run(*command, reply=reply)
        assert status == 0, told
    status, told = terminal.run("assess", "case", "--out", "case-1")
    reported, said = terminal.run("report", "case-1", "-o", "report.pdf")

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    record = read_case(folder / "case-1")
    print(f"{terminal.prompts} prompts, {cpu:.1f} s CPU, {time.monotonic() - began:.0f} s")
    assert record.outcome in {"conforms", "conforms_with_conditions"}, [
        (one.item, one.verdict) for one in record.findings if one.verdict not in {"pass", "not_applicable", "reported"}
    ]
    assert (status, reported) == (0, 0), told + said
    assert terminal.prompts <= MOST_PROMPTS
    assert cpu <= MOST_SECONDS
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")


def test_predictions_alone_end_undetermined_and_the_report_lists_what_is_missing(tmp_path):
    (tmp_path / "case").mkdir()
    table = lenders(4_000, 3).drop(columns="applicant_id")
    score = 1 / (1 + np.exp(-1.5 * np.log(table["income"]) + 12))
    table.assign(score=score, predicted=(score >= 0.5).astype("int64")).to_csv(
        tmp_path / "case" / "rows.csv", index=False
    )
    terminal = Terminal(tmp_path)

    begun, _ = terminal.run("init", "case/rows.csv", "--target", "approved", "--yes")
    status, told = terminal.run("assess", "case", "--out", "case-1")
    reported, _ = terminal.run("report", "case-1", "-o", "report.html")

    record = read_case(tmp_path / "case-1")
    missing = {one.what for one in record.not_tested}
    asked = {one.item for one in record.findings if [reason.code for reason in one.reasons] == ["answer_missing"]}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (begun, status, reported) == (0, 3, 0), told
    assert record.outcome == "undetermined"
    assert {"PER-01", "ROB-01", "DAT-07"} | asked <= missing
    assert [what for what in missing if f">{what}<" not in page and what not in page] == []
