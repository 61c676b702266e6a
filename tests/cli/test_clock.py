from datetime import UTC, datetime

from reliability.cli.clock import now


def test_clock_of_the_command_line_is_in_utc_to_the_second():
    before = datetime.now(UTC).replace(microsecond=0)

    assert (now().microsecond, now().utcoffset().total_seconds()) == (0, 0)
    assert before <= now() <= datetime.now(UTC)
