"""`make bench` keeps only what a part found that ran to its end, and says of each other that it did not."""

import pytest

from bench import __main__ as bench

KEEP = 'from bench import figures; figures.keep("figure", {value}, most=1.0)'


@pytest.fixture
def session(monkeypatch, tmp_path):
    """A session of which each part is a module that the test writes."""
    monkeypatch.setattr(bench.yardstick, "milliseconds", lambda: 20.0)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(*lines):
        (tmp_path / "a_part_of_the_test.py").write_text("\n".join(lines), encoding="utf-8")
        monkeypatch.setattr(bench, "PARTS", {"part": ("a_part_of_the_test",)})
        made = bench._Session(tmp_path / "film.mp4", tmp_path)
        made.run(["part"])
        return made

    return run


def test_the_figures_of_a_part_are_kept_with_its_name(session):
    (figure,) = session(KEEP.format(value=0.5)).found
    assert (figure.name, figure.part, figure.yardstick) == ("figure", "part", 20.0)


def test_a_claim_that_does_not_hold_is_a_figure_and_no_breakdown(session):
    made = session(KEEP.format(value=2.0), "raise SystemExit(1)")
    assert (len(made.found), made.broken) == (1, [])


@pytest.mark.parametrize("end", ["raise SystemExit(1)", "raise RuntimeError", ""])
def test_a_part_whose_exit_code_is_not_explained_by_its_figures_is_broken(session, end):
    made = session(KEEP.format(value=0.5) if end else "", end)
    assert (made.found, made.broken) == ([], ["part"])
