"""What failed, was never started or shall be made anew is encoded again, and nothing twice at once."""

import pytest

from functions import settings
from functions.catalogue import intake, store, work
from functions.catalogue.film import Failure, Film, State
from functions.cli import frame
from tests.unit.catalogue.films import encode, make_ready, upload
from tests.unit.executions import orders


def failed(key: str, code: str = "not_a_video") -> Film:
    registered = intake.register(upload(key))
    work.fail(registered.film_id, registered.version, Failure(code=code, message="A sentence.", step="probe"))
    film = store.get(registered.film_id)
    assert film
    return film


def test_a_ready_film_is_encoded_again_under_a_new_version_while_viewers_keep_the_old(run):
    film = make_ready("film.mp4")
    code, told = run("enqueue_transcodes", "1", "--json")
    assert (code, told["enqueued"]) == (0, [{"id": 1, "title": "film"}])
    after = store.get(film.id)
    assert after
    assert (after.state, after.published_version, after.renditions) == (State.QUEUED, film.version, film.renditions)
    assert after.version != film.version
    assert orders() == [{"film_id": 1, "version": after.version, "execution": after.execution}]
    assert work.claim(film.id, after.version, str(after.execution))


def test_a_film_in_work_is_not_started_twice(run):
    registered = intake.register(upload("film.mp4"))
    encode(registered.film_id, registered.version)
    code, told = run("enqueue_transcodes", "1", "--json")
    assert (code, told["ok"], told["enqueued"]) == (1, False, [])
    assert told["refused"] == [{"id": 1, "error": "Transcode already in progress."}]
    assert orders() == []


def test_all_means_all_that_are_finished(run):
    make_ready("ready.mp4")
    failed("failed.mp4")
    intake.register(upload("waiting.mp4"))
    _, told = run("enqueue_transcodes", "--all", "--json")
    assert [film["id"] for film in told["enqueued"]] == [1, 2]
    assert told["refused"] == []


def test_a_dry_run_changes_nothing(run):
    before = failed("film.mp4", "worker_lost")
    for command in (["enqueue_transcodes", "1"], ["auto_enqueue_missing"], ["redrive", "--all"]):
        code, told = run(*command, "--dry-run", "--json")
        assert (code, told["dry_run"], [film["id"] for film in told["enqueued"]]) == (0, True, [1])
    assert store.get(1) == before
    assert orders() == []


@pytest.mark.parametrize("command", ["enqueue_transcodes", "redrive"])
def test_a_dry_run_promises_nothing_that_is_refused(run, command):
    registered = intake.register(upload("film.mp4"))
    encode(registered.film_id, registered.version)
    code, told = run(command, "1", "--dry-run", "--json")
    assert (code, told["ok"], told["enqueued"]) == (1, False, [])


def test_a_film_that_plays_is_none_to_try_again(run):
    """A number that was mistyped cost an encoding."""
    make_ready("film.mp4")
    code, told = run("redrive", "1", "--json")
    assert (code, told["refused"]) == (1, [{"id": 1, "error": "This video has not failed."}])
    assert orders() == []


def test_an_unknown_video_is_one_sentence(run, capsys):
    code, told = run("enqueue_transcodes", "7", "--json")
    assert (code, told) == (1, {"ok": False, "error": "There is no video 7."})


def test_missing_are_those_that_a_new_try_may_help(run):
    """A file that is no video stays none, and what plays is left alone."""
    make_ready("ready.mp4")
    failed("broken.mp4", "not_a_video")
    failed("lost.mp4", "worker_lost")
    failed("skipped.mp4", "not_started")
    _, told = run("auto_enqueue_missing", "--json")
    assert [film["id"] for film in told["enqueued"]] == [3, 4]
    assert [order["film_id"] for order in orders()] == [3, 4]


def test_a_film_whose_file_never_came_cannot_be_encoded(run):
    film = intake.register(upload("film.mp4", etag=""))
    work.fail(film.film_id, film.version, Failure(code="never_uploaded", message="No file.", step="upload"))
    code, told = run("redrive", "--all", "--json")
    assert code == 1
    assert told["refused"] == [{"id": 1, "error": "No file was uploaded yet."}]


def test_redrive_shows_what_failed_latest_first(run):
    failed("first.mp4")
    failed("second.mp4", "worker_lost")
    code, told = run("redrive", "--json")
    assert code == 0
    assert [(film["id"], film["code"], film["step"]) for film in told["failed"]] == [
        (2, "worker_lost", "probe"),
        (1, "not_a_video", "probe"),
    ]
    assert orders() == []
    _, text = run("redrive")
    assert "not_a_video" in text
    assert "second" in text


def test_what_was_tried_again_is_failed_no_more(run):
    failed("film.mp4")
    run("redrive", "1")
    assert run("redrive", "--json")[1]["failed"] == []
    assert run("redrive")[1] == "Nothing failed.\n"


def test_films_that_find_no_room_wait_and_are_named_all_the_same(run, environment):
    environment.setenv("FILMS_AT_ONCE", "2")
    settings.current.cache_clear()
    for number in range(3):
        failed(f"{number}.mp4", "worker_lost")
    _, told = run("redrive", "--all", "--json")
    assert sorted(film["id"] for film in told["enqueued"]) == [1, 2, 3]
    assert len(orders()) == 2
    assert len(work.waiting()) == 1


def test_ids_and_all_together_are_refused(run):
    assert run("redrive", "1", "--all", "--json")[0] == 1


@pytest.mark.parametrize("which", ["--all", "1"])
def test_videos_and_dead_letters_together_are_refused_and_nobody_is_left_out_in_silence(run, which):
    failed("film.mp4", "worker_lost")
    code, told = run("redrive", which, "--dead-letters", "--json")
    assert (code, told["ok"]) == (1, False)


@pytest.mark.parametrize("command", ["enqueue_transcodes", "auto_enqueue_missing", "redrive"])
def test_every_command_explains_itself(capsys, command):
    with pytest.raises(SystemExit):
        frame.parser().parse_args([command, "--help"])
    said = capsys.readouterr().out
    assert "--dry-run" in said
    assert "--json" in said
