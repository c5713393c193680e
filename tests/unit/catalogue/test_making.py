"""How far an encoding is: many workers write at the same time, and what is finished is never made again."""

import itertools
from dataclasses import replace

import pytest

from functions.catalogue import intake, making, store, work
from functions.catalogue.film import State
from functions.catalogue.items import AnyItem
from tests.unit import clients
from tests.unit.catalogue.films import DRAFT, encode, make_ready, upload

SEGMENTS = {"480p": 2, "720p": 2}
OTHER = replace(DRAFT, chunks=(0,))
MADE = {"renditions": {"480p": {"durations": [2.0, 6.0]}}, "gb_seconds": 1.5}


@pytest.fixture
def version() -> str:
    """The version of a film (id 1) whose encoding begins."""
    registered = intake.register(upload())
    encode(1, registered.version)
    making.begin(1, registered.version, DRAFT)
    return registered.version


def word(version, number=0, worker="w", *, frames=24, **stored):
    return making.advance_chunk(1, version, number, worker, frames=frames, stored=dict.fromkeys(SEGMENTS, 0) | stored)


def finish(version, number=0, worker="w", *, frames=0):
    made = DRAFT.frames - DRAFT.starts[2] if number else DRAFT.starts[2]
    return making.finish_chunk(1, version, number, worker, frames=frames or made, stored=SEGMENTS, made=MADE)


def made(version, number, worker="w"):
    assert making.begin_chunk(1, version, number, worker)
    assert finish(version, number, worker)


def chunk(version, number=0):
    return making.look(1, version).chunks[number]


def at(monkeypatch, moment, happen):
    """Let something happen before call number `moment` of AWS, counted from 0."""
    calls = itertools.count()
    clients.before_each_call(monkeypatch, lambda *_: happen() if next(calls) == moment else None)


def percent() -> float:
    return making.standing(store.get(1)).percent


def test_a_draft_comes_back_as_it_went_in(version):
    known = making.look(1, version)
    assert known.draft == DRAFT
    assert (dict(known.chunks), known.finished) == ({}, False)
    assert DRAFT.segments() == (2.0, 6.0, 6.0, 6.0)
    assert DRAFT.duration == 20


def test_a_film_that_nobody_encodes_has_no_making():
    assert making.look(1, "1-a") is None


def test_the_draft_of_a_long_film_is_a_small_item(version):
    """DynamoDB takes 400 KB, and every word about progress reads it."""
    starts = tuple(range(0, 6 * 3600 * 60, 360))
    long = replace(DRAFT, frames=6 * 3600 * 60, starts=starts, plan={"starts": list(starts)})
    making.begin(1, version, long, instead_of=DRAFT)
    (item,) = [item for item in making._items(1, version) if item.draft is not None]
    assert len(item.serialize()["draft"]["B"]) < 30_000


def test_a_chunk_is_noted_while_it_is_made_and_when_it_is_finished(version):
    assert making.begin_chunk(1, version, 0, "w")
    assert word(version, frames=24)
    assert word(version, frames=100, **{"480p": 1})
    assert (chunk(version).frames, chunk(version).stored["480p"], chunk(version).made) == (100, 1, None)
    assert finish(version)
    assert (chunk(version).frames, chunk(version).stored, chunk(version).made) == (192, SEGMENTS, MADE)


def test_a_finished_chunk_is_never_taken_again(version):
    made(version, 0)
    assert not making.begin_chunk(1, version, 0, "x")
    assert not making.begin_chunk(1, version, 0, "w")
    assert chunk(version).made == MADE


def test_who_takes_a_chunk_over_has_it_and_the_one_before_learns_so(version):
    making.begin_chunk(1, version, 0, "w")
    assert making.begin_chunk(1, version, 0, "x")
    before = chunk(version)
    assert not word(version, worker="w", frames=99)
    assert not finish(version, worker="w")
    assert chunk(version) == before
    assert word(version, worker="x")
    assert finish(version, worker="x")


def test_who_is_late_with_a_finished_chunk_changes_nothing(version):
    """Both may have encoded it to its end: what is noted is what was checked."""
    making.begin_chunk(1, version, 0, "w")
    made(version, 0, "x")
    before = chunk(version)
    assert not finish(version, worker="w", frames=7)
    assert chunk(version) == before


def test_a_word_whose_answer_was_lost_can_be_said_again(version):
    making.begin_chunk(1, version, 0, "w")
    assert word(version)
    assert word(version)
    assert finish(version)
    assert finish(version)
    assert chunk(version).made == MADE


def test_a_late_word_of_progress_does_not_undo_a_finished_chunk(version):
    made(version, 0)
    word(version)
    assert chunk(version).made == MADE
    assert not making.begin_chunk(1, version, 0, "x")


def test_nobody_says_anything_of_a_chunk_that_was_not_begun_or_is_forgotten(version):
    assert not word(version, 1)
    making.begin_chunk(1, version, 1, "w")
    making.forget(1, version)
    assert not word(version, 1)
    assert not finish(version, 1)
    assert making.look(1, version) is None


def test_progress_does_not_go_back_when_a_chunk_is_taken_over(version):
    """A viewer's playlist grows, and must never lose a segment that it had (RFC 8216, 6.2.1)."""
    making.begin_chunk(1, version, 0, "w")
    word(version, frames=120, **{"480p": 1})
    before, available = percent(), making.look(1, version).available("480p")
    taken = making.begin_chunk(1, version, 0, "x")
    assert taken == chunk(version)
    assert (taken.frames, taken.stored["480p"]) == (120, 1)
    assert (percent(), making.look(1, version).available("480p")) == (before, available)


def test_the_next_attempt_keeps_what_is_finished(version):
    made(version, 0)
    known = making.begin(1, version, DRAFT)
    assert known.chunks[0].made == MADE
    assert known == making.look(1, version)


def test_what_was_made_by_another_plan_is_forgotten(version):
    """A setting changed between two attempts: its chunks do not fit to the others."""
    making.begin_chunk(1, version, 0, "old")
    made(version, 1, "old")
    known = making.begin(1, version, OTHER, instead_of=DRAFT)
    assert (known.draft, dict(known.chunks)) == (OTHER, {})
    assert known == making.look(1, version)
    assert not word(version, 0, "old"), "who still works by the old plan learns that it is over"


def test_of_two_who_begin_the_first_ones_draft_counts_and_what_is_made_by_it(version):
    made(version, 0)
    known = making.begin(1, version, OTHER)
    assert (known.draft, known.chunks[0].made) == (DRAFT, MADE)
    assert making.begin(1, version, OTHER, instead_of=replace(DRAFT, chunks=(0, 1))) == known
    assert known == making.look(1, version)


@pytest.mark.parametrize("moment", range(3))
def test_of_two_who_begin_at_the_same_moment_both_are_told_the_same_draft(version, monkeypatch, moment):
    making.forget(1, version)
    first = []
    at(monkeypatch, moment, lambda: first.append(making.begin(1, version, OTHER)))
    second = making.begin(1, version, DRAFT)
    assert first == [second] == [making.look(1, version)]
    assert second.draft == OTHER


@pytest.mark.parametrize("moment", range(5))
def test_who_takes_a_chunk_while_another_draft_is_begun_finishes_nothing_by_the_former_one(
    version, monkeypatch, moment
):
    """Its parts would not fit to the others, or be announced as what they are not."""
    made(version, 1)
    seen = []

    def late():
        making.begin_chunk(1, version, 0, "late")
        seen.append(making.look(1, version))

    at(monkeypatch, moment, late)
    making.begin(1, version, OTHER, instead_of=DRAFT)
    for known in seen:
        assert known is None or known.draft == OTHER or not finish(version, 0, "late")
    assert seen
    after = making.look(1, version)
    assert after.draft == OTHER
    assert not [one for one in after.chunks.values() if one.made]


def test_all_is_finished_when_every_chunk_is(version):
    made(version, 1)
    assert not making.look(1, version).finished
    made(version, 0)
    assert making.look(1, version).finished


@pytest.mark.parametrize(
    ("first", "second", "available"),
    [
        (None, None, 0),
        (0, None, 0),
        (1, None, 1),
        (2, None, 2),
        (1, 2, 1),  # what comes behind a gap cannot be played yet
        (None, 2, 0),
        (2, 1, 3),
        ("made", None, 2),
        ("made", 1, 3),
        ("made", "made", 4),
    ],
)
def test_what_can_be_fetched_has_no_gap(version, first, second, available):
    for number, stored in enumerate((first, second)):
        if stored == "made":
            made(version, number)
        elif stored is not None:
            making.begin_chunk(1, version, number, "w")
            word(version, number, **{"480p": stored})
    known = making.look(1, version)
    assert known.available("480p") == available
    assert known.available("1080p") <= 2 * len([one for one in (first, second) if one == "made"])


def test_percent_and_renditions_come_from_all_chunks(version):
    assert percent() == 0
    made(version, 0)
    making.begin_chunk(1, version, 1, "w")
    word(version, 1, frames=48, **{"480p": 1})
    standing = making.standing(store.get(1))
    assert standing.percent == pytest.approx(98 * 240 / 480)
    assert {name: part.percent for name, part in standing.renditions.items()} == {"480p": 75, "720p": 50}
    assert {part.state for part in standing.renditions.values()} == {State.ENCODING}


def test_percent_is_never_above_100_nor_100_before_it_is_published(version):
    for number in (0, 1):
        making.begin_chunk(1, version, number, "w")
        finish(version, number, frames=10**6)
    assert percent() == 98
    for number in (0, 1):
        word(version, number, frames=10**6, **{"480p": 99, "720p": 99})
    standing = making.standing(store.get(1))
    assert 98 <= standing.percent <= 100
    assert max(part.percent for part in standing.renditions.values()) <= 100


def test_a_ready_film_is_at_100_and_one_that_waits_or_failed_at_0(version):
    made(version, 0)
    work.release(1, version, store.get(1).execution, retry_in=0, reason="interrupted")
    assert making.standing(store.get(1)) == making.Standing(percent=0, renditions={}, playable=False)
    film = make_ready("other.mp4")
    standing = making.standing(film)
    assert standing.percent == 100
    assert standing.renditions == {"480p": making.Progress(percent=100, state=State.READY)}


def test_what_is_forgotten_is_this_version_s_alone(version):
    made(version, 0)
    making.begin(1, "9-other", DRAFT)
    before = {item.sk for item in AnyItem.query("film#1")}
    making.forget(1, version)
    making.forget(1, version)
    assert making.look(1, version) is None
    assert making.look(1, "9-other")
    left = {item.sk for item in AnyItem.query("film#1")}
    assert before - left == {f"making#{version}#draft", f"making#{version}#00000"}
