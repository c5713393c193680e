"""upload_video: the original's answers, a corrupt file is said to be one, and nothing is registered twice."""

import json
from pathlib import Path

import pytest

from functions import aws, settings
from functions.accounts import people
from functions.catalogue import store
from functions.catalogue.film import State
from functions.cli import frame
from functions.operations import uploading
from functions.transcoding import ingest, process
from functions.transcoding.process import Finished
from tests.queues import taken
from tests.unit.executions import orders

BUCKET = "videoflix-uploads"
FACTS = {
    "format": {"duration": "14.5", "start_time": "0"},
    "streams": [
        {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080, "pix_fmt": "yuv420p",
         "r_frame_rate": "24/1", "avg_frame_rate": "24/1", "duration": "14.5", "start_time": "0"},
        {"index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2},
    ],
}  # fmt: skip


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> dict[str, Finished]:
    """What ffprobe and ffmpeg answer, without running them."""
    answers = {"ffprobe": Finished(0, json.dumps(FACTS), ""), "ffmpeg": Finished(0, "", "")}
    monkeypatch.setattr(process, "executable", lambda name: name)
    monkeypatch.setattr(process, "run", lambda argv, **_: answers[argv[0]])
    return answers


@pytest.fixture
def file(tmp_path: Path, tools: dict[str, Finished], demo: people.Person) -> Path:
    path = tmp_path / "Mein_erster Film.mp4"
    path.write_bytes(b"a film")
    return path


def test_a_file_becomes_a_film_and_the_answer_is_the_original_s(run, file, demo):
    code, told = run(
        "upload_video", str(file), "--title", "Größe <b>", "--category", "drama", "--publish", "--json"
    )  # fmt: skip
    assert code == 0
    target = told.pop("target_path")
    assert told == {
        "ok": True,
        "video_id": 1,
        "copied": True,
        "moved": False,
        "transfer_mode": "copied",
        "rungs_enqueued": ["1080p", "720p", "480p"],
        "skip_transcode": False,
        "published": True,
        "thumbnail_url": "",
    }
    film = store.get(1)
    assert film
    assert target == f"s3://{BUCKET}/{film.source.key}"
    assert (film.title, film.category, film.published) == ("Größe ‹b›", "drama", True)  # noqa: RUF001
    assert (film.owner_id, film.state) == (demo.id, State.QUEUED)
    assert aws.s3().get_object(Bucket=BUCKET, Key=film.source.key)["Body"].read() == b"a film"
    assert orders() == [{"film_id": 1, "version": film.version, "execution": film.execution}]
    assert file.exists()


def test_the_event_of_the_same_object_makes_no_second_film(run, file):
    """S3 tells the ingest function of it as well, before or after the command does."""
    run("upload_video", str(file), "--title", "T" * 255)
    film = store.get(1)
    assert film
    ingest.on_object(BUCKET, film.source.key, "0A")
    assert [film.title for film in store.all_films()] == ["T" * 255]


def test_words_that_fit_no_metadata_arrive_whole(run, file):
    run("upload_video", str(file), "--title", "🎬" * 255)
    film = store.get(1)
    assert film
    assert film.title == "🎬" * 255


def test_without_words_the_defaults_count_and_only_its_owner_sees_it(run, file):
    code, text = run("upload_video", str(file))
    assert (code, text) == (0, "Video 1 uploaded. Queued: 1080p, 720p, 480p.\n")
    film = store.get(1)
    assert film
    assert (film.title, film.category, film.published) == ("Mein erster Film", "documentary", False)


@pytest.mark.parametrize("by", ["Eva@Example.com", "id"])
def test_the_owner_is_named_by_address_or_id(run, file, by):
    eva = people.seed("eva@example.com", "Secret-123!")
    run("upload_video", str(file), "--owner", str(eva.id) if by == "id" else by)
    film = store.get(1)
    assert film
    assert film.owner_id == eva.id


def test_skipped_means_registered_and_left_alone_until_somebody_starts_it(run, file):
    _, told = run("upload_video", str(file), "--skip-transcode", "--json")
    assert (told["video_id"], told["skip_transcode"], told["rungs_enqueued"]) == (1, True, [])
    film = store.get(1)
    assert film
    ingest.on_object(BUCKET, film.source.key, "0A")
    film = store.get(1)
    assert film
    assert (film.state, film.failure and film.failure.code) == (State.FAILED, "not_started")
    assert orders() == []
    assert taken("videoflix-local-mail") == []
    assert run("enqueue_transcodes", "1")[0] == 0
    ingest.on_object(BUCKET, film.source.key, "0A")
    film = store.get(1)
    assert film
    assert film.state is State.QUEUED
    assert orders() == [{"film_id": 1, "version": film.version, "execution": film.execution}]


def test_moving_removes_the_file_only_once_it_is_there(run, file, monkeypatch):
    monkeypatch.setattr(uploading.ingest, "on_object", lambda *_: None)
    assert run("upload_video", str(file), "--move")[0] == 1
    assert file.exists()


def test_an_upload_that_breaks_off_is_one_sentence_and_loses_nothing(run, file):
    aws.s3().delete_bucket(Bucket=BUCKET)
    code, told = run("upload_video", str(file), "--move", "--json")
    assert (code, told["error"]) == (1, "The upload broke off and nothing was registered. Try again.")
    assert file.exists()
    assert list(store.all_films()) == []


def test_a_moved_file_is_gone_here(run, file):
    _, told = run("upload_video", str(file), "--move", "--json")
    assert (told["moved"], told["copied"], told["transfer_mode"]) == (True, False, "moved")
    assert not file.exists()


def test_a_file_that_cannot_be_removed_is_uploaded_all_the_same_and_nobody_has_to_try_again(
    tables, file, monkeypatch, capsys
):
    """Of a folder that is read-only; whoever runs these tests may be root."""

    def refused(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refused)
    assert frame.main(("upload_video", str(file), "--move", "--json"), lambda _: None) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["video_id"], told["moved"], told["transfer_mode"]) == (1, False, "copied")
    assert printed.err.splitlines()[-1] == "The video is uploaded. The file here could not be removed."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--owner", "nobody@example.com"], "Owner not found"),
        (["--owner", "99"], "Owner not found"),
        (["--category", "a/b"], "Invalid category 'a/b'"),
        (["--category", "newest"], "Invalid category 'newest'"),
        (["--category", ""], "Invalid category ''"),
    ],
)
def test_bad_words_are_refused_before_anything_is_uploaded(run, file, arguments, sentence):
    code, told = run("upload_video", str(file), *arguments, "--json")
    assert (code, told["ok"]) == (1, False)
    assert told["error"].startswith(sentence)
    assert "Contents" not in aws.s3().list_objects_v2(Bucket=BUCKET)


def test_where_nobody_is_the_default_owner_one_is_asked_for(run, file, environment):
    environment.setenv("DEFAULT_OWNER", "")
    settings.current.cache_clear()
    code, told = run("upload_video", str(file), "--json")
    assert (code, told["error"]) == (1, "Name an owner with --owner: this stage has no DEFAULT_OWNER.")


@pytest.mark.parametrize("kind", ["nothing", "folder"])
def test_a_file_that_is_not_there_is_named(run, tmp_path, kind):
    path = tmp_path / "gone.mp4" if kind == "nothing" else tmp_path
    code, told = run("upload_video", str(path), "--json")
    assert (code, told) == (1, {"ok": False, "error": f"Source file not found: {path}"})


@pytest.mark.parametrize(
    ("tool", "answer", "sentence"),
    [
        ("ffprobe", Finished(1, "", "Invalid data found"), "This file is not a video"),
        ("ffprobe", Finished(0, '{"streams": [{"codec_type": "audio"}]}', ""), "This file has no moving picture."),
        ("ffmpeg", Finished(0, "", "[mov] stream 0, offset 0x3: partial file"), "The file is incomplete"),
        ("ffmpeg", Finished(1, "", "something"), "The file is damaged"),
    ],
)
def test_a_corrupt_file_is_said_to_be_one(run, request, tool, answer, sentence):
    """The original succeeded on a corrupt file."""
    file = request.getfixturevalue("file")
    request.getfixturevalue("tools")[tool] = answer
    code, told = run("upload_video", str(file), "--json")
    assert (code, told["ok"]) == (1, False)
    assert told["error"].startswith(sentence)
    assert list(store.all_films()) == []


def test_words_of_a_decoder_about_a_sound_file_refuse_nothing(run, file, tools):
    tools["ffmpeg"] = Finished(0, "", "[h264] some warning")
    assert run("upload_video", str(file))[0] == 0


def test_without_ffmpeg_it_says_what_to_do(run, file, monkeypatch):
    def missing(name: str) -> str:
        raise FileNotFoundError(f"{name} is nowhere")

    monkeypatch.setattr(process, "executable", missing)
    code, told = run("upload_video", str(file), "--json")
    assert (code, told["error"]) == (1, "ffprobe is nowhere. Install ffmpeg, or run: make up")


def test_a_dry_run_uploads_nothing(run, file):
    _, told = run("upload_video", str(file), "--dry-run", "--json")
    assert told == {"ok": True, "dry_run": True, "rungs_enqueued": ["1080p", "720p", "480p"]}
    assert "Contents" not in aws.s3().list_objects_v2(Bucket=BUCKET)


def test_a_plan_is_data_and_a_table(run, file):
    _, told = run("plan", str(file), "--json")
    assert (told["duration"], told["frames"], told["frame_rate"], told["sound"]) == (14.5, 348, "24", True)
    assert told["segment_starts"] == [0, 48, 192]
    assert [made["name"] for made in told["renditions"]] == ["1080p", "720p", "480p"]
    _, text = run("plan", str(file))
    assert "1920x1080" in text
    assert "3 segments" in text
