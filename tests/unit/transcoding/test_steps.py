"""A film's way through the steps, whatever happens on it: ready, failed with a reason, or tried again. Never twice."""

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import DeleteError

from functions import aws, settings
from functions.catalogue import making, objects, slots, store, work
from functions.catalogue.film import Film, State
from functions.catalogue.items import MakingItem, film_key
from functions.delivery import offers, playlists
from functions.operations import renditions
from functions.transcoding import chunks, dispatch, plan, scan, storage
from functions.transcoding.encode import Reached
from functions.transcoding.plan import CopiedTop, CopyPlan
from functions.transcoding.probe import SourceInfo
from functions.transcoding.troubles import SENTENCES, PassingError, RefusedError
from tests.unit import executions
from tests.unit.transcoding.builders import info
from tests.unit.transcoding.conftest import (
    Machine,
    Report,
    keys,
    mails,
    no_queue_of_mails,
    now,
    refuse,
    started,
    upload,
)


def replace_file(sequencer: str = "0B") -> Film:
    return upload("film.mp4", sequencer, "f")


def test_a_film_becomes_ready_with_its_pictures_and_lists_and_the_owner_is_told(film: Film, machine: Machine) -> None:
    done = machine.run(film)
    assert (done.state, done.published_version, done.execution) == (State.READY, film.version, film.execution)
    assert (done.duration, done.height, done.thumbnail) == (26, 480, "thumbnail.jpg")
    (made,) = done.renditions
    assert (made.name, made.width, made.height, made.segments) == ("480p", 640, 480, (2, 6, 6, 6, 6))
    media = aws.s3().get_object(Bucket="videoflix-media", Key=f"{film.id}/{film.version}/thumbnail.jpg")
    assert media["Body"].read() == b"\xff\xd8poster"
    playlist = aws.s3().get_object(Bucket="videoflix-media", Key=f"{film.id}/{film.version}/480p/index.m3u8")
    text = playlist["Body"].read().decode()
    assert "#EXTINF:6.000000,\n001.ts" in text
    assert text.endswith("#EXT-X-ENDLIST\n")
    (mail,) = mails()
    assert (mail["kind"], mail["to"], mail["context"]) == ("video_ready", "demo@videoflix.local", {"title": "My film"})


def test_the_timeline_tells_each_turning_point(film: Film, machine: Machine) -> None:
    done = machine.run(film)
    assert [entry.event for entry in done.timeline] == ["received", "queued", "probing", "encoding: 2 chunks", "ready"]


def test_every_chunk_has_a_worker_of_its_own_and_the_first_comes_first(film: Film, machine: Machine) -> None:
    assert machine.step(film, "prepare")["chunks"] == [0, 1]


def test_what_was_noted_on_the_way_is_gone_and_the_room_given_back(film: Film, machine: Machine) -> None:
    assert slots.taken() == {film.execution}
    machine.run(film)
    assert making.look(film.id, film.version) is None
    assert slots.taken() == frozenset()


def test_who_waits_is_started_when_there_is_room(film: Film, machine: Machine) -> None:
    others = [started(upload(f"{number}.mp4")) for number in range(2)]
    assert [other.execution is None for other in others] == [False, True]
    machine.run(film)
    assert now(others[1].id).execution


def test_the_height_is_that_of_the_picture_as_one_sees_it(film: Film, machine: Machine) -> None:
    machine.source = info(26.0, width=640, height=480, rotation=90)
    assert machine.run(film).height == 640


def test_a_film_of_which_no_picture_can_be_taken_is_ready_all_the_same(film: Film, machine: Machine) -> None:
    machine.picture = None
    done = machine.run(film)
    assert (done.state, done.thumbnail) == (State.READY, None)


def test_the_poster_comes_from_where_its_owner_wants_it(film: Film, machine: Machine) -> None:
    store.change(film.id, lambda one: work.replace(one, poster_at=12.5))
    machine.run(film)
    assert machine.poster_at == 12.5


def test_a_poster_that_its_source_does_not_have_is_drawn_of_what_is_published_and_none_in_its_place(
    film: Film, machine: Machine
) -> None:
    """Under the wish's name, another picture would stand for it for ever: it looks as if the wish had been met."""
    store.change(film.id, lambda one: work.replace(one, poster_at=26.0))
    machine.shows = lambda at: at is None
    done = machine.run(film)
    assert (done.thumbnail, done.poster, done.poster_at) == ("thumbnail.jpg", "poster.jpg", 26.0)
    assert [order["seconds"] for order in executions.started() if order["task"] == "poster"] == [26.0]


def test_steps_that_come_twice_make_everything_once(film: Film, machine: Machine) -> None:
    """Lambda and Step Functions both promise "at least once"."""
    prepared = machine.step(film, "prepare")
    assert machine.step(film, "prepare")["chunks"] == prepared["chunks"]
    for chunk in (0, 0, 1, 1):
        machine.step(film, "encode", chunk=chunk)
    machine.step(film, "publish", prepared=prepared)
    done = now(film.id)
    assert machine.encoded == [0, 1]
    machine.step(film, "publish", prepared=prepared)
    assert machine.step(film, "prepare") == {"chunks": []}
    assert machine.step(film, "encode", chunk=0) == {}
    assert now(film.id) == done
    assert machine.encoded == [0, 1]
    assert [mail["kind"] for mail in mails()].count("video_ready") >= 1
    assert making.look(film.id, film.version) is None


def test_a_publication_that_died_before_its_mail_is_finished_by_the_next_try(
    film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = machine.step(film, "prepare")
    for chunk in prepared["chunks"]:
        machine.step(film, "encode", chunk=chunk)

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr("functions.transcoding.notify.of_end", killed)
        with pytest.raises(SystemExit):
            machine.step(film, "publish", prepared=prepared)
    assert mails() == []
    machine.step(film, "publish", prepared=prepared)
    assert [mail["kind"] for mail in mails()] == ["video_ready"]
    assert slots.taken() == frozenset()


def test_no_step_touches_a_film_that_was_replaced(film: Film, machine: Machine) -> None:
    newer = replace_file()
    machine.run(film)
    assert machine.step(film, "give_up", error={"Error": "States.Timeout"}) == {}
    after = now(film.id)
    assert (after.version, after.state, after.timeline) == (newer.version, State.QUEUED, newer.timeline)
    assert machine.encoded == keys() == mails() == []
    assert film.execution not in slots.taken()


def test_no_step_touches_a_film_that_was_deleted(film: Film, machine: Machine) -> None:
    store.begin_deletion(film.id, resume_at=0)
    for name in ("prepare", "encode", "publish", "give_up"):
        machine.step(film, name, chunk=0)
    assert machine.encoded == keys() == mails() == []
    assert slots.taken() == frozenset()


def test_a_step_that_is_none_is_an_error(film: Film, machine: Machine) -> None:
    with pytest.raises(KeyError):
        machine.step(film, "dance")


def fail(*_: object) -> None:
    raise PassingError("the source could not be read")


def test_a_film_that_cannot_be_made_fails_with_a_sentence_and_the_owner_is_told(film: Film, machine: Machine) -> None:
    machine.encoding = refuse
    done = machine.run(film)
    assert done.failure
    assert (done.state, done.failure.code, done.failure.step) == (State.FAILED, "broken", "encode")
    assert machine.encoded == [0], "the other chunks are not begun"
    (mail,) = mails()
    assert (mail["kind"], mail["context"]) == ("video_failed", {"title": "My film", "reason": done.failure.message})
    assert slots.taken() == frozenset()


def test_a_file_that_is_no_film_fails_where_it_is_looked_at(film: Film, machine: Machine) -> None:
    def none() -> None:
        raise RefusedError("not_a_video", "probe")

    machine.probing = none
    done = machine.run(film)
    assert done.failure
    assert (done.failure.code, done.failure.step) == ("not_a_video", "probe")
    assert slots.taken() == frozenset()


def test_a_film_that_fails_its_check_is_failed_never_ready(film: Film, machine: Machine) -> None:
    def fault() -> None:
        raise RefusedError("audit_failed", "audit")

    machine.auditing = fault
    done = machine.run(film)
    assert done.failure
    assert (done.state, done.failure.code, done.failure.step) == (State.FAILED, "audit_failed", "audit")
    assert done.published_version is None
    assert keys() == []


def test_what_was_stored_of_a_film_that_failed_is_removed(film: Film, machine: Machine) -> None:
    aws.s3().put_object(Bucket="videoflix-media", Key="77/1-a/480p/000.ts", Body=b"another film's")
    machine.encoding = lambda number, _report: refuse() if number else None
    assert machine.run(film).state is State.FAILED
    assert keys() == ["77/1-a/480p/000.ts"]
    assert making.look(film.id, film.version) is None


@pytest.mark.parametrize(
    "removal",
    [
        (objects, "delete_prefix", RuntimeError("1 objects could not be deleted")),
        (making, "forget", DeleteError("the table does not answer")),
    ],
)
def test_a_failed_removal_does_not_hide_why_the_film_failed(
    removal: tuple[object, str, Exception], film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner was told after two minutes and another attempt, and after the third that it was interrupted."""
    module, name, trouble = removal

    def broken(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(module, name, broken)
    machine.encoding = refuse
    done = machine.run(film)
    assert done.failure
    assert done.failure.code == "broken"


def test_an_execution_that_lost_its_film_removes_nothing_and_fails_nothing(film: Film, machine: Machine) -> None:
    """The next attempt on the same version writes the same keys."""

    def encoding(_number: int, _report: Report) -> None:
        work.release(film.id, film.version, str(film.execution), retry_in=0, reason="taken")
        work.start(film.id, film.version)
        refuse()

    machine.encoding = encoding
    done = machine.run(film)
    assert (done.state, done.attempt, done.failure) == (State.QUEUED, 2, None)
    assert f"{film.id}/{film.version}/thumbnail.jpg" in keys()
    assert making.look(film.id, film.version)


@pytest.mark.parametrize("trouble", [PassingError("the media bucket did not take an object"), ZeroDivisionError()])
def test_after_a_passing_trouble_the_film_waits_for_another_try(
    film: Film, machine: Machine, trouble: Exception
) -> None:
    def encoding(*_: object) -> None:
        raise trouble

    machine.encoding = encoding
    with pytest.raises(type(trouble)):
        machine.step(film, "encode", chunk=machine.step(film, "prepare")["chunks"][0])
    assert now(film.id).state is State.ENCODING, "the state machine tries the step again"
    machine.step(film, "give_up", error={"Error": type(trouble).__name__, "Cause": "<secret>"})
    done = now(film.id)
    assert (done.state, done.failure, done.execution) == (State.QUEUED, None, None)
    assert done.timeline[-1].event == "retry: a passing trouble"
    assert mails() == []
    assert slots.taken() == frozenset()


def test_giving_up_twice_is_giving_up_once_and_takes_no_film_from_the_next_attempt(
    film: Film, machine: Machine, time
) -> None:
    for _ in range(2):
        machine.step(film, "give_up", error={"Error": "States.Timeout"})
    assert [entry.event for entry in now(film.id).timeline].count("retry: a passing trouble") == 1
    time.advance(minutes=2)
    dispatch.fill()
    following = now(film.id)
    assert following.attempt == 2
    machine.step(film, "give_up", error={"Error": "States.Timeout"})
    assert now(film.id) == following
    assert slots.taken() == {following.execution}


def test_a_film_that_is_ready_cannot_be_given_up(film: Film, machine: Machine) -> None:
    done = machine.run(film)
    machine.step(film, "give_up", error={"Error": "States.Timeout"})
    assert now(film.id) == done


def test_troubles_that_do_not_pass_end_in_a_failure_and_not_in_endless_waiting(
    film: Film, machine: Machine, time
) -> None:
    machine.encoding = fail
    for attempt in range(1, work.MAX_ATTEMPTS + 1):
        assert now(film.id).attempt == attempt
        machine.run(now(film.id))
        time.advance(hours=1)
        dispatch.fill()
    done = now(film.id)
    assert done.state is State.FAILED
    assert done.failure
    assert (done.failure.code, done.failure.step) == ("worker_lost", "encode")
    assert [mail["kind"] for mail in mails()] == ["video_failed"]
    assert slots.taken() == frozenset()
    assert work.waiting() == []


def test_the_next_attempt_makes_only_what_is_missing(film: Film, machine: Machine, time) -> None:
    machine.encoding = lambda number, _report: fail() if number else None
    machine.run(film)
    time.advance(hours=1)
    dispatch.fill()
    machine.encoding = lambda _number, _report: None
    machine.encoded.clear()
    assert machine.run(now(film.id)).state is State.READY
    assert machine.encoded == [1]


def test_an_attempt_that_plans_otherwise_keeps_nothing_of_the_one_before(
    film: Film, machine: Machine, time, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.encoding = lambda number, _report: fail() if number else None
    machine.run(film)
    time.advance(hours=1)
    dispatch.fill()
    monkeypatch.setattr(plan, "make", partial(plan.make, chunk_cost=1000))
    monkeypatch.setenv("AUTOTRANSCODE_POLICY", "relaxed")  # whoever operates wants other renditions now
    settings.current.cache_clear()
    machine.encoding = lambda _number, _report: None
    machine.encoded.clear()
    done = machine.run(now(film.id))
    assert (done.state, machine.encoded) == (State.READY, [0])
    assert done.renditions[0].segments == (2, 6, 6, 6, 6)
    assert {made.folder for made in done.renditions} == {"480p-1", "720p-1", "1080p-1"}, (
        "what was fetched stays what it is"
    )


def test_a_chunk_that_another_worker_took_over_is_left_to_it(
    film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_BEAT", 0.0)
    prepared = machine.step(film, "prepare")
    answers = []

    def encoding(_number: int, report: Report) -> None:
        if len(machine.encoded) == 1:
            answers.append(machine.step(film, "encode", chunk=0))
            report(Reached(frames=10, stored={"480p": 1}))
            pytest.fail("the first one goes on")

    machine.encoding = encoding
    assert machine.step(film, "encode", chunk=0) == {}
    assert answers == [{}]
    known = making.look(film.id, film.version)
    assert known
    assert known.chunks[0].made
    machine.step(film, "encode", chunk=1)
    machine.step(film, "publish", prepared=prepared)
    assert now(film.id).state is State.READY


@pytest.fixture
def copied(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the highest rendition be the source's own picture."""
    monkeypatch.setattr(chunks, "_BEAT", 0.0)
    top = CopiedTop(
        copy=CopyPlan(codec="avc1.42c01e", delay=0),
        level="3.0",
        average=800_000,
        peak=900_000,
        starts=(0, 48, 192, 336, 480),
    )
    monkeypatch.setattr(scan, "planned", lambda _source, info, *, check, **how: plan.make(info, copied=top, **how))


@pytest.mark.usefixtures("copied")
def test_a_worker_whose_plan_another_one_gave_up_makes_its_chunk_by_the_new_one(film: Film, machine: Machine) -> None:
    """One damaged picture: the film is encoded as a whole then, in the same attempt, and nobody is alarmed."""
    prepared = machine.step(film, "prepare")

    def encoding(number: int, report: Report) -> None:
        if machine.encoded == [1]:
            with pytest.raises(PassingError):  # the other chunk is damaged
                machine.step(film, "encode", chunk=0)
            report(Reached(frames=10, stored={"480p": 1}))
            pytest.fail("it goes on by a plan that is not the film's any more")
        if machine.encoded == [1, 0]:
            refuse()

    machine.encoding = encoding
    with pytest.raises(PassingError):
        machine.step(film, "encode", chunk=1)
    for chunk in prepared["chunks"]:  # the state machine tries both again
        assert machine.step(film, "encode", chunk=chunk) == {}
    machine.step(film, "publish", prepared=prepared)
    done = now(film.id)
    assert (done.state, done.attempt, done.renditions[0].copied) == (State.READY, 1, False)


@pytest.mark.usefixtures("copied")
def test_what_viewers_fetched_of_a_copy_that_is_given_up_is_not_written_over(film: Film, machine: Machine) -> None:
    """Its addresses are cached for ever: a player would go on with parts of both."""
    prepared = machine.step(film, "prepare")
    offered: list[tuple[str, str]] = []

    def encoding(number: int, report: Report) -> None:
        if number == 0:
            report(Reached(frames=10, stored={"480p": 1}))
            offer = offers.of(now(film.id))
            offered.append((playlists.etag(film, "480p", offer), playlists.media_playlist(offer, "480p")))

    machine.encoding, machine.auditing = encoding, refuse
    with pytest.raises(PassingError):
        machine.step(film, "encode", chunk=0)
    folder = f"{film.id}/{film.version}"
    aws.s3().put_object(Bucket="videoflix-media", Key=f"{folder}/480p/000.ts", Body=b"copied")
    machine.auditing = lambda: None
    for chunk in prepared["chunks"]:
        machine.step(film, "encode", chunk=chunk)
    assert aws.s3().get_object(Bucket="videoflix-media", Key=f"{folder}/480p/000.ts")["Body"].read() == b"copied"
    (first, before), (second, after) = offered
    assert first != second, "a player that asks again must not be told that nothing has changed"
    assert f"{folder}/480p/000.ts?" in before
    assert f"{folder}/480p-1/000.ts?" in after
    machine.step(film, "publish", prepared=prepared)
    done = now(film.id)
    assert (done.state, done.renditions[0].folder) == (State.READY, "480p-1")
    assert renditions.check(done) is None
    assert not [key for key in keys() if "/480p/" in key], "nobody is given these any more"


@pytest.mark.usefixtures("copied")
def test_a_worker_whose_chunk_another_one_makes_by_the_new_plan_leaves_it_to_that_one(
    film: Film, machine: Machine
) -> None:
    machine.step(film, "prepare")

    def encoding(_number: int, report: Report) -> None:
        if machine.encoded == [1]:
            with pytest.raises(PassingError):
                machine.step(film, "encode", chunk=0)
            machine.step(film, "encode", chunk=1)
            report(Reached(frames=10, stored={"480p": 1}))
        if machine.encoded == [1, 0]:
            refuse()

    machine.encoding = encoding
    assert machine.step(film, "encode", chunk=1) == {}
    known = making.look(film.id, film.version)
    assert known
    assert known.chunks[1].made


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("moment", ["look", "begin_chunk"])
def test_no_chunk_is_finished_by_a_plan_that_is_given_up_while_it_is_begun(
    film: Film, machine: Machine, meanwhile, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Players would be told another codec than the one that they get."""
    prepared = machine.step(film, "prepare")

    def give_up() -> None:
        with monkeypatch.context() as damaged:
            damaged.setattr(machine, "encoding", refuse)
            with pytest.raises(PassingError):
                machine.step(film, "encode", chunk=1)

    meanwhile(making, moment, give_up)
    with pytest.raises(PassingError):
        machine.step(film, "encode", chunk=0)
    for chunk in prepared["chunks"]:
        assert machine.step(film, "encode", chunk=chunk) == {}
    machine.step(film, "publish", prepared=prepared)
    done = now(film.id)
    assert (done.state, done.renditions[0].copied) == (State.READY, False)
    assert all(made.encoded == made.renditions for made in machine.plans.values())


@pytest.mark.usefixtures("copied")
def test_a_chunk_that_is_begun_while_there_is_no_plan_is_not_said_to_be_made(
    film: Film, machine: Machine, meanwhile
) -> None:
    """Whoever gives a plan up may have looked for chunks before: nobody would make this one, and the film fail."""
    prepared = machine.step(film, "prepare")
    plan = MakingItem.get(film_key(film.id), making._draft_key(film.version))

    def give_up() -> None:
        plan.delete()
        meanwhile(making, "look", plan.save)

    meanwhile(making, "begin_chunk", give_up)
    with pytest.raises(PassingError):
        machine.step(film, "encode", chunk=0)
    for chunk in prepared["chunks"]:
        assert machine.step(film, "encode", chunk=chunk) == {}
    machine.step(film, "publish", prepared=prepared)
    assert now(film.id).state is State.READY


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("code", ["audit_failed", "broken", "too_heavy", "truncated"])
def test_a_film_is_encoded_when_its_own_picture_may_be_to_blame(film: Film, machine: Machine, code: str) -> None:
    prepared = machine.step(film, "prepare")

    def damaged(*_: object) -> None:
        raise RefusedError(code, "encode")

    machine.encoding = damaged
    with pytest.raises(PassingError):
        machine.step(film, "encode", chunk=0)
    machine.encoding = lambda *_: None
    for chunk in prepared["chunks"]:
        machine.step(film, "encode", chunk=chunk)
    machine.step(film, "publish", prepared=prepared)
    done = now(film.id)
    assert (done.state, done.renditions[0].copied) == (State.READY, False)


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("code", ["source_missing", "too_large_picture", "took_too_long", "unsupported_codec"])
def test_a_refusal_that_copying_cannot_be_to_blame_for_is_final_at_once(
    film: Film, machine: Machine, code: str
) -> None:
    """Its owner would hear the same later, and who watches the film would lose what is finished of it."""

    def refused(number: int, _report: Report) -> None:
        if number:
            raise RefusedError(code, "encode")

    machine.encoding = refused
    done = machine.run(film)
    assert done.failure
    assert (done.state, done.failure.code, machine.encoded) == (State.FAILED, code, [0, 1])


def test_a_worker_that_is_late_with_a_chunk_that_is_finished_changes_nothing(film: Film, machine: Machine) -> None:
    """Both encoded it to its end without a word between."""
    machine.step(film, "prepare")

    def encoding(_number: int, _report: Report) -> None:
        if len(machine.encoded) == 1:
            machine.step(film, "encode", chunk=0)

    machine.encoding = encoding
    assert machine.step(film, "encode", chunk=0) == {}
    assert machine.encoded == [0, 0]
    assert now(film.id).state is State.ENCODING


def test_the_status_shows_how_far_it_is(film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_BEAT", 0.0)
    seen = []

    def encoding(number: int, report: Report) -> None:
        if number == 0:
            report(Reached(frames=104, stored={"480p": 1}))
            seen.append(making.standing(now(film.id)))

    machine.encoding = encoding
    machine.run(film)
    (during,) = seen
    assert during.percent == pytest.approx(98 * 104 / 624, abs=0.01)
    assert during.renditions["480p"].percent == 20


def test_progress_is_not_written_more_often_than_needed(
    film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    original = making.advance_chunk
    monkeypatch.setattr(making, "advance_chunk", lambda *args, **rest: written.append(rest) or original(*args, **rest))

    def encoding(_number: int, report: Report) -> None:
        for _ in range(100):
            report(Reached(frames=4, stored={"480p": 0}))
        for _ in range(100):
            report(Reached(frames=4, stored={"480p": 1}))

    machine.encoding = encoding
    machine.run(film)
    assert [word["stored"] for word in written] == [{"480p": 1}] * 2, "only that something can be fetched"


def test_what_a_chunk_had_stored_stays_when_it_is_made_anew(
    film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A playlist that viewers follow must not lose a segment (RFC 8216, 6.2.1)."""
    monkeypatch.setattr(chunks, "_BEAT", 0.0)
    machine.step(film, "prepare")

    def dying(_number: int, report: Report) -> None:
        report(Reached(frames=100, stored={"480p": 2}))
        fail()

    machine.encoding = dying
    with pytest.raises(PassingError):
        machine.step(film, "encode", chunk=0)
    seen = []

    def encoding(_number: int, report: Report) -> None:
        for frames, stored in ((5, 0), (50, 1), (120, 2)):
            report(Reached(frames=frames, stored={"480p": stored}))
            known = making.look(film.id, film.version)
            assert known
            seen.append((known.chunks[0].frames, known.available("480p")))

    machine.encoding = encoding
    machine.step(film, "encode", chunk=0)
    assert seen == [(100, 2), (100, 2), (120, 2)]


def test_of_two_that_prepare_a_film_at_the_same_time_the_first_ones_plan_counts(
    film: Film, machine: Machine, copied: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One may have had the time to see that the film can be copied: what is made by that is not thrown away."""
    copying = scan.planned

    def slow(_source: object, info: SourceInfo, *, check: object, **how: Any) -> plan.Plan:
        monkeypatch.setattr(scan, "planned", copying)
        machine.step(film, "prepare")
        machine.step(film, "encode", chunk=0)
        return plan.make(info, **how)

    monkeypatch.setattr(scan, "planned", slow)
    prepared = machine.step(film, "prepare")
    assert prepared["chunks"] == [1]
    machine.step(film, "encode", chunk=1)
    machine.step(film, "publish", prepared=prepared)
    done = now(film.id)
    assert (done.state, done.renditions[0].copied, machine.encoded) == (State.READY, True, [0, 1])


def test_a_film_that_is_not_wanted_any_more_is_noticed_while_it_is_encoded(
    film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.transcoding.steps._BEAT", 0.0)

    def encoding(_number: int, report: Report) -> None:
        replace_file()
        report(Reached(frames=4, stored={"480p": 0}))
        pytest.fail("it goes on")

    machine.encoding = encoding
    done = machine.run(film)
    assert (done.state, done.published_version) == (State.QUEUED, None)
    assert mails() == []


def test_a_version_that_was_superseded_at_the_last_moment_is_not_published(
    film: Film, machine: Machine, meanwhile
) -> None:
    prepared = machine.step(film, "prepare")
    for chunk in prepared["chunks"]:
        machine.step(film, "encode", chunk=chunk)
    meanwhile(making, "look", replace_file)
    machine.step(film, "publish", prepared=prepared)
    done = now(film.id)
    assert (done.state, done.published_version) == (State.QUEUED, None)
    assert mails() == []


def test_a_film_that_takes_too_long_fails_before_its_worker_is_ended(film: Film, machine: Machine) -> None:
    def encoding(_number: int, report: Report) -> None:
        machine.seconds_left = 0.0
        report(Reached(frames=4, stored={}))

    machine.encoding = encoding
    done = machine.run(film)
    assert done.failure
    assert (done.failure.code, done.failure.step) == ("took_too_long", "encode")


def test_a_bucket_that_takes_nothing_is_a_passing_trouble(
    film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_down(**_: object) -> None:
        raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    with monkeypatch.context() as busy:
        busy.setattr(aws.s3(), "put_object", slow_down)
        with pytest.raises(PassingError):
            machine.step(film, "prepare")
    assert machine.run(film).state is State.READY


def test_a_mail_that_cannot_be_queued_does_not_undo_the_film(film: Film, machine: Machine) -> None:
    with no_queue_of_mails():
        assert machine.run(film).state is State.READY
    assert slots.taken() == frozenset()


def test_a_film_of_nobody_is_made_without_a_mail(time, machine: Machine) -> None:
    assert machine.run(started(upload(owner_id=0))).state is State.READY
    assert mails() == []


def test_a_stored_segment_is_found_under_the_name_that_playlists_use(tables: None, tmp_path) -> None:
    segment = tmp_path / "000.ts"
    segment.write_bytes(b"ts")
    storage.Shelf(7, "1-abc").put_segment("480p", segment)
    stored = aws.s3().get_object(Bucket="videoflix-media", Key="7/1-abc/480p/000.ts")
    assert (stored["Body"].read(), stored["ContentType"]) == (b"ts", "video/MP2T")


def test_no_sentence_holds_anything_but_our_own_words() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence.endswith("."), code
        assert not set("<>{}%") & set(sentence)
