import pytest

from reliability.evidence.group_population import GroupPopulation, spelt
from reliability.submission.meaning import meaning
from tests.builders import block


@pytest.mark.parametrize(
    "label",
    [
        1,
        1.0,
        True,
        "1",
        "1.0",
        "true",
        " 1 ",
        "01",
        "0.5",
        0.5,
        "가",
        "false",
        "-3",
        "1e3",
        "1,000",
        "12345678901234567890",
    ],
)
def test_labels_are_spelt_by_their_meaning(label):
    meant = meaning(label)

    assert spelt(label) == (meant if isinstance(meant, str) else repr(meant))


def test_known_groups_are_those_that_occur_or_are_declared():
    rows = block([0] * 4, groups={"g": [2, 1, None, 2]}, population={"g": {"2": 0.6, "3": 0.4}})
    levels, n, declared = GroupPopulation.of(rows, ("g",)).known()

    assert sorted(zip(map(str, levels), n.tolist(), declared.tolist(), strict=True)) == [
        ("('3',)", 0, 0.4), ("(1,)", 1, 0.0), ("(2,)", 2, 0.6),
    ]  # fmt: skip
