import hashlib
import json

import pytest

from reliability.case import write_record
from reliability.checklist.read import names, read_checklist
from reliability.compare.cases import Case, case_of
from reliability.records import ChecklistIdentity, canonical_json
from tests.reports.sample import assessment


def case(**changes):
    return Case(assessment=assessment(**changes))


def with_columns(*roles):
    columns = tuple({"name": f"c{place}", "kind": "i8", "role": role} for place, role in enumerate(roles))
    sets = assessment().data
    return case(data=sets.model_copy(update={"evaluation": sets.evaluation.model_copy(update={"columns": columns})}))


def test_a_case_is_named_by_the_digest_of_its_record(tmp_path):
    write_record(tmp_path, assessment())
    identity = case().identity()

    assert identity.sha256 == hashlib.sha256((tmp_path / "assessment.json").read_bytes()).hexdigest()


def test_a_case_says_whose_it_is_and_how_it_came_out():
    identity = case().identity()

    assert (identity.organisation, identity.system, identity.version) == (
        "온고을신용 주식회사",
        "소액대출 심사 모델",
        "2.3.1",
    )
    assert (identity.checklist, identity.checklist_version, identity.outcome) == (
        "trustworthy-ai",
        "1.0.0",
        "does_not_conform",
    )
    assert (identity.rows, identity.seed) == (2412, 0)


@pytest.mark.parametrize(("roles", "clustered"), [(("feature", "target"), False), (("feature", "entity"), True)])
def test_rows_belong_together_where_a_column_is_an_entity(roles, clustered):
    assert with_columns(*roles).clustered is clustered


def test_the_target_is_the_column_of_that_role():
    assert with_columns("feature", "target").target == "c1"
    assert with_columns("feature").target == ""


def test_rows_lie_beside_the_record_or_are_not_there(tmp_path):
    assert case_of(assessment(), tmp_path).rows is None

    (tmp_path / "rows.parquet").write_bytes(b"")
    assert case_of(assessment(), tmp_path).rows == tmp_path / "rows.parquet"
    assert case_of(assessment(), tmp_path / "assessment.json").rows == tmp_path / "rows.parquet"


@pytest.mark.parametrize("name", names())
def test_the_checklist_of_a_record_is_the_one_that_was_read(name):
    read = read_checklist(name)
    content = json.loads(canonical_json(dict(read.content)))
    used = ChecklistIdentity(id=read.id, version=read.version, sha256=read.sha256, content=content)

    rebuilt = case(checklist=used).checklist

    assert [plain(item) for item in rebuilt.items] == [plain(item) for item in read.items]
    assert (rebuilt.decision, rebuilt.outcome) == (read.decision, read.outcome)


def plain(item):
    """An item as JSON has it: a record knows no tuples."""
    criteria = [one.model_dump(mode="json") for one in item.criteria]
    return json.loads(json.dumps(vars(item) | {"criteria": criteria, "answers": str(item.answers)}))


def test_findings_are_found_by_item():
    assert case().findings["FAI-02"].verdict == "fail"
