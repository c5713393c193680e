"""What `make bench` says of a run: which claims hold, and what became worse since the run that is checked in."""

import json
from xml.etree import ElementTree as ET

import pytest

from bench import figures, results
from bench.figures import Figure
from bench.results import Run

DAY = "2026-11-28"
FOUND = (
    Figure("list / query", 1.2, "", 1.5, part="catalogue", day=DAY),
    Figure("first frame", 1.4, "s", 1.0, part="page", day=DAY),
    Figure("upload", 1234.0, "s", part="uploads", day=DAY),
)


def run(*found, processor="one", film="film.mp4"):
    machine = {"processor": processor, "cores": 2, "python": "3.11.7", "load": 0.1}
    return Run(DAY, machine, film, found or FOUND)


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    for name, file in (("KEPT", "results.json"), ("PAGE", "benchmarks.md"), ("PLOT", "benchmarks.svg")):
        monkeypatch.setattr(results, name, tmp_path / file)
    return tmp_path


def test_a_benchmark_keeps_its_figures_only_for_who_collects_them(monkeypatch, tmp_path):
    monkeypatch.delenv(figures.KEPT_IN, raising=False)
    figures.keep("nobody asked", 1)
    monkeypatch.setenv(figures.KEPT_IN, str(tmp_path / "kept"))
    for figure in FOUND:
        figures.keep(*figure[:4])
    assert [figure[:4] for figure in figures.kept(tmp_path / "kept")] == [figure[:4] for figure in FOUND]


def test_the_first_run_is_compared_with_nothing_and_shown(kept):
    assert results.publish(run()) == []
    assert len(json.loads((kept / "results.json").read_text())["figures"]) == 3
    page = (kept / "benchmarks.md").read_text()
    assert "| list / query | 1.2 | 1.5 | holds | 2026-11-28 |" in page
    assert "| first frame | 1.4 s | 1 s | **does not hold** | 2026-11-28 |" in page
    assert "| upload | 1,234 s |  |  | 2026-11-28 |" in page


def test_what_became_worse_is_named_with_both_figures():
    results.publish(run())
    assert results.compare(run(Figure("list / query", 1.4, "", 1.5))) == [], "noise"
    (sentence,) = results.publish(run(Figure("list / query", 1.8, "", 1.5), *FOUND[1:]))
    assert sentence == "worse: list / query is 1.8 and was 1.2"


def test_what_is_worse_on_a_machine_in_better_form_says_what_it_would_have_been_then():
    """ "worse: … is 4.5 ms and was 4.8 ms" was nothing that anybody understood."""
    results.publish(run(Figure("first frame", 0.8, "s", yardstick=40.0)))
    (sentence,) = results.compare(run(Figure("first frame", 0.7, "s", yardstick=20.0)))
    assert sentence == "worse: first frame is 0.7 s and was 0.8 s, which is 0.4 s at the pace of now"


def test_small_steps_that_add_up_are_named_though_none_of_them_is():
    for value in (1.0, 1.2, 1.44):
        assert results.publish(run(Figure("list / query", value, yardstick=20.0))) == []
    (sentence,) = results.publish(run(Figure("list / query", 1.7, yardstick=20.0)))
    assert sentence == "drifted: list / query is 1.7, 1.70 times the best that was ever found"


def test_a_slow_machine_does_not_count_as_steps():
    results.publish(run(Figure("first frame", 1.0, "s", yardstick=20.0)))
    assert results.publish(run(Figure("first frame", 2.2, "s", yardstick=40.0))) == []


def test_a_figure_that_nobody_measures_any_more_is_named():
    results.publish(run())
    assert results.publish(run(*FOUND[:2])) == ["gone: nobody measures upload any more"]


def test_parts_that_are_run_again_take_the_places_of_their_figures():
    results.publish(run())
    new = (Figure("first frame", 0.7, "s", 1.0, part="page", day="2026-11-30"), Figure("gateway", 9.0, "ms"))
    results.publish(results.joined(run(*new), ["page", "gateway"]))
    kept = results.kept_with(run())
    assert [figure.name for figure in kept.figures] == ["list / query", "first frame", "upload", "gateway"]
    assert [figure.day for figure in kept.figures][:3] == [DAY, "2026-11-30", DAY]


def test_what_a_part_found_then_and_not_now_does_not_stay():
    results.publish(run())
    without = results.joined(run(FOUND[0]), ["catalogue", "uploads"])
    assert [figure.name for figure in without.figures] == ["list / query", "first frame"]
    assert results.publish(without) == ["gone: nobody measures upload any more"]


def test_figures_of_another_machine_or_film_do_not_stand_beside_each_other():
    results.publish(run())
    with pytest.raises(ValueError, match="no run of this machine"):
        results.joined(run(processor="another"), ["page"])
    with pytest.raises(ValueError, match=r"another film, film\.mp4"):
        results.joined(run(film="the demo film"), ["page"])
    assert results.joined(run(film=""), ["page"]).film == "film.mp4", "no part of these encoded anything"


def test_seconds_of_another_machine_are_not_compared():
    results.publish(run())
    slow = (Figure("list / query", 1.9, "", 1.5), Figure("upload", 9999.0, "s"))
    assert len(results.compare(run(*slow, processor="another"))) == 1
    assert len(results.compare(run(*slow))) == 2


def test_the_plot_has_a_bar_for_each_claim_and_a_colour_for_what_does_not_hold(kept):
    results.publish(run(*FOUND, Figure("a <b> & c", 1, "", 2)))
    bars = [one for one in ET.parse(kept / "benchmarks.svg").iter() if one.tag.endswith("rect")][1:]
    assert [bar.get("fill") for bar in bars] == ["#2a7d4f", "#b3261e", "#2a7d4f"]
    assert float(bars[1].get("width")) > float(bars[0].get("width"))


def test_of_a_machine_that_is_slower_at_the_moment_only_what_grew_more_than_it_is_worse():
    fast, slow = (Figure("first frame", 0.8, "s", yardstick=20.0), Figure("first frame", 1.6, "s", yardstick=40.0))
    results.publish(run(fast, Figure("list / query", 1.2, yardstick=20.0)))
    assert results.compare(run(slow)) == []
    assert len(results.compare(run(slow._replace(value=2.1)))) == 1
    assert len(results.compare(run(Figure("list / query", 2.4, yardstick=40.0)))) == 1, "a ratio knows no pace"
    assert len(results.compare(run(slow._replace(yardstick=None)))) == 1
