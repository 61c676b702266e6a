"""What is handed in with the sample: its advice, and a register that people filled in."""

from reliability.reports.consultation import Consultation
from reliability.reports.risk_entries import Entries, Entry
from tests.reports.advised import advice

FILLED = Entry(
    treatment="집단별 기준을 다시 정한다",
    owner="박팀장",
    effort="3일",
    due="2026-12-24",
    residual="낮음",
    note="이사회 보고",
)
GIVEN = Consultation(advice=advice(), entries=Entries(by_item={"FAI-02": FILLED}, name="risks.xlsx", sha256="ab" * 32))
