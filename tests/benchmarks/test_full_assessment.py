"""What the page says of a full assessment, and how the model's own time is taken."""

import numpy as np
import pytest

from benchmarks.full_assessment import HEADING, Inside, Timed, Whole, section

ALONE = Inside(cpu_s=33.0, model_s=10.0, rows=300_000, questions=131)


@pytest.mark.parametrize(
    ("cpu_s", "megabytes", "kept"),
    [(30.0, 600.0, ["yes", "yes"]), (30.1, 500.0, ["**no**", "yes"]), (20.0, 601.0, ["yes", "**no**"])],
)
def test_a_promise_is_kept_up_to_its_limit(cpu_s, megabytes, kept):
    text = section(100_000, Whole(cpu_s=cpu_s, megabytes=megabytes, wall_s=60.0), ALONE)

    assert [line.split("|")[-2].strip() for line in text.splitlines() if "≤" in line] == kept
    assert text.startswith(HEADING)
    assert "131 questions of 300,000 rows" in text


class Slow:
    classes_ = (0, 1)

    def predict(self, frame):
        return np.zeros(len(frame))

    def predict_proba(self, frame):
        raise ValueError("no")


def test_questions_are_counted_and_what_the_model_knows_is_passed_on():
    timed = Timed(model=Slow())

    assert len(timed.predict([1, 2, 3])) == 3
    with pytest.raises(ValueError, match="no"):
        timed.predict_proba([1])
    assert (timed.rows, timed.questions, timed.classes_) == (3, 1, (0, 1))
    assert timed.cpu_s >= 0
