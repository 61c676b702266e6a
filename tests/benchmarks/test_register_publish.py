"""The benchmark of publishing fills a register that can be believed, and tells what was promised and what was not."""

from datetime import timedelta

import pytest

from benchmarks.register_publish import Told, filled, published, section


def told(wall_s=10.0, written=1, believed=100):
    return Told(what="once", wall_s=wall_s, cpu_s=wall_s, peak_mb=200, rows=100, believed=believed, written=written,
                expected="everything")  # fmt: skip


def test_a_filled_register_is_believed_and_published_with_every_certificate(tmp_path):
    hub, site = filled(tmp_path / "hub", 21), tmp_path / "site"
    first, again = (published("once", hub.folder, site, hub.now + timedelta(minutes=n), "everything") for n in (1, 2))

    assert (first.rows, first.believed, again.believed, again.written) == (21 * 10 + 2, 21 * 10 + 2, 0, 1)
    assert len(list(site.glob("JJ-C-2026-*/index.html"))) == 21
    assert "효력정지" in (site / "JJ-C-2026-0020" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("wall_s", "kept"), [(60.0, "yes"), (60.1, "**no**")])
def test_the_section_says_whether_the_promise_is_kept(wall_s, kept):
    made = section([told(wall_s), told(believed=0)], 10_000)

    assert f"within 60 s: {kept}" in made
    assert f"| once | {wall_s:.1f} |" in made


def test_what_an_event_costs_is_the_difference_that_believing_makes():
    made = section([told(20.0, believed=1000), told(10.0, believed=0)], 10)

    assert "costs about 10.00 ms to believe" in made
