"""Films and buckets are compared: what is broken is found and mended, what nobody needs goes, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError

from functions import aws
from functions.captions import beside, keeping, reading
from functions.catalogue import clock, deletion, intake, layout, reservation, store, work
from functions.catalogue.film import Failure, Film, Rendition, State
from functions.catalogue.items import SourceItem
from functions.catalogue.reservation import Pending
from functions.operations import maintenance
from tests.unit.catalogue.films import encode, outcome, upload
from tests.unit.executions import orders

UPLOADS, MEDIA = "videoflix-uploads", "videoflix-media"
LOW = Rendition(
    name="480p",
    width=854,
    height=480,
    frame_rate=25.0,
    codecs="avc1.64001e,mp4a.40.2",
    peak_bandwidth=1,
    average_bandwidth=1,
    segments=(2.0, 6.0, 1.5),
)
NAMES = (
    "thumbnail.jpg",
    "storyboard/00000-000.jpg",
    "480p/index.m3u8",
    "480p/000.ts",
    "480p/001.ts",
    "480p/002.ts",
)


def put(bucket: str, key: str, body: bytes = b"x") -> str:
    return aws.s3().put_object(Bucket=bucket, Key=key, Body=body)["ETag"].strip('"')


def keys(bucket: str) -> list[str]:
    return [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=bucket).get("Contents", [])]


def publish(film_id: int, version: str) -> Film:
    for name in NAMES:
        put(MEDIA, layout.version_prefix(film_id, version) + name)
    film = store.get(film_id)
    assert film
    published = work.publish(film_id, version, str(film.execution), replace(outcome(LOW), duration=9.5))
    assert published
    return published


def whole(key: str) -> Film:
    """Return a film that is ready, with everything that it needs in the buckets."""
    etag, modified = put(UPLOADS, key, key.encode()), clock.now().replace(microsecond=0)
    registered = intake.register(upload(key, etag=etag, modified=modified))
    encode(registered.film_id, registered.version)
    return publish(registered.film_id, registered.version)


def key(film: Film, name: str) -> str:
    return f"{film.id}/{film.published_version}/{name}"


def test_whole_films_are_whole(run):
    whole("a.mp4")
    intake.register(upload("waiting.mp4", etag=put(UPLOADS, "waiting.mp4")))
    assert run("check_renditions", "--json") == (0, [])
    assert run("check_renditions") == (0, "Every published video is whole.\n")


def test_a_lost_and_an_empty_segment_are_named_and_the_exit_code_tells(run):
    film = whole("a.mp4")
    aws.s3().delete_object(Bucket=MEDIA, Key=key(film, "480p/001.ts"))
    put(MEDIA, key(film, "480p/002.ts"), b"")
    code, told = run("check_renditions", "--json")
    assert (code, told) == (
        1,
        [
            {
                "id": 1,
                "title": "a",
                "missing": ["480p/001.ts"],
                "empty": ["480p/002.ts"],
                "captions": [],
                "healing": False,
                "captions_healed": [],
            }
        ],
    )
    assert "480p/001.ts" in run("check_renditions")[1]
    assert orders() == []


def test_what_is_broken_is_encoded_again_if_wished(run):
    film = whole("a.mp4")
    aws.s3().delete_object(Bucket=MEDIA, Key=key(film, "thumbnail.jpg"))
    assert run("check_renditions", "--heal", "--dry-run", "--json")[1][0]["healing"] is True
    assert orders() == []
    assert "encoded again" in run("check_renditions", "--heal")[1]
    assert [order["film_id"] for order in orders()] == [1]


def test_a_film_without_its_source_is_not_failed_anew_each_night(run):
    """Each run made a version of it that could only fail, and its owner got a mail."""
    film = whole("a.mp4")
    aws.s3().delete_object(Bucket=MEDIA, Key=key(film, "480p/000.ts"))
    aws.s3().delete_object(Bucket=UPLOADS, Key="a.mp4")
    assert "Video 1 has no source any more: upload it again." in run("check_renditions", "--heal")[1]
    assert orders() == []
    assert store.get(film.id) == film


@pytest.mark.parametrize("wish", ["--heal", "--enqueue-missing", "--prune-orphans"])
def test_who_only_wants_to_look_changes_nothing(run, demo, wish):
    put(UPLOADS, "lost.mp4")
    code, told = run("media_maintenance", "--scan", wish, "--confirm", "--json")
    assert (code, told["ok"], list(store.all_films())) == (1, False, [])


def test_a_stage_in_order_has_nothing_to_tell(run):
    whole("a.mp4")
    code, told = run("media_maintenance", "--scan", "--json")
    assert code == 0
    assert told == {
        "ok": True,
        "dry_run": False,
        "films": 1,
        "uploads": 1,
        "broken": [],
        "missing": [],
        "unregistered_uploads": [],
        "captions_unused": [],
        "sources_missing": [],
        "orphans": [],
    }


def test_a_forgotten_upload_becomes_a_film(run, demo):
    """Its event was lost, for example because the stack was killed at that moment."""
    put(UPLOADS, "Ordner/Mein Film.mp4")
    put(UPLOADS, "Ordner/")
    put(UPLOADS, "Ordner/Mein Film.de.vtt")
    assert run("media_maintenance", "--json")[1]["unregistered_uploads"] == ["Ordner/Mein Film.mp4"]
    assert list(store.all_films()) == []
    _, told = run("media_maintenance", "--heal", "--json")
    assert told["healed"] == {"films": [], "uploads": ["Ordner/Mein Film.mp4"], "captions": {}}
    assert [film.title for film in store.all_films()] == ["Mein Film"]
    assert run("media_maintenance", "--json")[1]["unregistered_uploads"] == []


def test_the_server_s_own_keys_are_nobody_s_to_register(run, demo):
    """The film of such an upload was deleted; whoever sent it is not the default owner."""
    put(UPLOADS, "api/7/abc")
    run("media_maintenance", "--heal")
    assert list(store.all_films()) == []


def test_broken_and_missing_films_are_started_but_none_without_its_source(run):
    broken, lost, sourceless = whole("broken.mp4"), whole("lost.mp4"), whole("sourceless.mp4")
    for film in (broken, sourceless):
        aws.s3().delete_object(Bucket=MEDIA, Key=key(film, "480p/000.ts"))
    aws.s3().delete_object(Bucket=UPLOADS, Key="sourceless.mp4")
    skipped = intake.register(upload("skipped.mp4", etag=put(UPLOADS, "skipped.mp4")))
    work.fail(skipped.film_id, skipped.version, Failure(code="not_started", message="Later.", step="queue"))
    code, told = run("media_maintenance", "--heal", "--enqueue-missing", "--json")
    assert code == 0
    assert [film["id"] for film in told["broken"]] == [broken.id, sourceless.id]
    assert (told["missing"], told["sources_missing"]) == ([skipped.film_id], [sourceless.id])
    assert (told["healed"]["films"], told["enqueued"]) == ([broken.id], [skipped.film_id])
    assert [order["film_id"] for order in orders()] == [broken.id, skipped.film_id]
    assert lost.state is State.READY


def test_a_film_that_somebody_started_meanwhile_is_left_to_them(run):
    film = whole("film.mp4")
    aws.s3().delete_object(Bucket=MEDIA, Key=key(film, "480p/000.ts"))
    found = maintenance.scan()
    run("enqueue_transcodes", "1")
    assert maintenance.heal(found) == maintenance.Healed()
    assert len(orders()) == 1


def test_an_upload_that_cannot_be_registered_holds_up_no_other(run, demo, monkeypatch):
    """Whoever may write into the bucket can put something there that S3 tells nothing of."""
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        put(UPLOADS, name)
    head = aws.s3().head_object

    def refused(**object_):
        if object_["Key"] == "b.mp4":
            raise ClientError({"Error": {"Code": "400"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "HeadObject")
        return head(**object_)

    monkeypatch.setattr(aws.s3(), "head_object", refused)
    code, told = run("media_maintenance", "--heal", "--json")
    assert (code, told["ok"], told["error"]) == (1, False, "These uploads could not be registered: b.mp4")
    assert told["healed"]["uploads"] == ["a.mp4", "c.mp4"]
    assert len(list(store.all_films())) == 2


def test_a_file_that_was_replaced_and_not_deleted_is_an_orphan_and_one_that_is_expected_is_none(run):
    """Whoever replaced it may have died before; nothing else would ever lead to it."""
    film = whole("film.mp4")
    replaced, current, expected = (reservation.new_key(film.id) for _ in range(3))
    for number, place in enumerate((replaced, current)):
        assert reservation.take(place, put(UPLOADS, place))
        intake.register(upload(place, modified=clock.now() + timedelta(hours=number)))
    put(UPLOADS, expected)
    told = run("media_maintenance", "--json")[1]
    assert [one["key"] for one in told["orphans"] if one["bucket"] == UPLOADS] == [replaced, "film.mp4"]
    reservation.expect(Pending(film_id=film.id, key=expected, size=1))
    assert reservation.take(expected, "e")
    pruned = run("media_maintenance", "--prune-orphans", "--confirm", "--json")[1]
    assert (pruned["orphans"], pruned["pruned"]) == (told["orphans"], 2)
    assert keys(UPLOADS) == sorted([current, expected])


def through_the_api(film: Film) -> str:
    """Give a film another file through the API, whose writer dies before the former is deleted; returns its key."""
    place = reservation.new_key(film.id)
    etag = put(UPLOADS, place)
    assert reservation.take(place, etag)
    intake.register(upload(place, etag=etag, modified=clock.now()))
    return place


@pytest.mark.parametrize("is_noted", [True, False])
def test_a_file_that_a_film_had_before_is_an_orphan_when_the_film_is_gone(run, is_noted):
    """Nothing led to it, so it stayed for ever, also after its owner's account was deleted."""
    film = whole("film.mp4")
    through_the_api(film)
    if not is_noted:  # as it was replaced by an earlier version of this code
        forgotten = [SourceItem.left_source.remove(), SourceItem.unfinished.remove()]
        SourceItem("source#film.mp4", "record").update(forgotten)
    deletion.delete(film.id)
    assert keys(UPLOADS) == ["film.mp4"]
    pruned = run("media_maintenance", "--prune-orphans", "--confirm", "--json")[1]
    assert ([one["key"] for one in pruned["orphans"]], pruned["pruned"]) == (["film.mp4"], 1)
    assert keys(UPLOADS) == []


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_file_that_is_dropped_where_a_film_had_one_before_is_no_orphan(run, demo, is_gone):
    film = whole("film.mp4")
    place = through_the_api(film)
    if is_gone:
        deletion.delete(film.id)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        put(UPLOADS, "film.mp4", b"film.mp4")
    told = run("media_maintenance", "--json")[1]
    assert (told["unregistered_uploads"], told["orphans"]) == (["film.mp4"], [])
    run("media_maintenance", "--heal", "--prune-orphans", "--confirm")
    assert place not in keys(UPLOADS)
    assert [film.source.key for film in store.all_films()] == ["film.mp4"]
    told = run("media_maintenance", "--json")[1]
    assert (told["unregistered_uploads"], told["orphans"]) == ([], [])


def test_a_dropped_file_that_lost_against_a_newer_one_through_the_api_goes(run, demo):
    """It was listed and "healed" each time, and became a film of the default owner's once its own was deleted."""
    film = whole("film.mp4")
    put(UPLOADS, "film.mp4", b"its event is late")
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        place = through_the_api(film)
    assert run("media_maintenance", "--json")[1]["unregistered_uploads"] == ["film.mp4"]
    run("media_maintenance", "--heal")
    assert keys(UPLOADS) == [place]
    assert [film.source.key for film in store.all_films()] == [place]


def orphaned() -> Film:
    """Make each kind of orphan beside a film that is whole; returns that film."""
    kept = whole("kept.mp4")
    put(MEDIA, "99/1-0123456789ab/480p/000.ts")
    put(MEDIA, f"{kept.id}/7-0123456789ab/480p/000.ts")
    gone = whole("gone.mp4")
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        deletion.delete(gone.id)
    put(UPLOADS, "gone.mp4", b"gone.mp4")
    return kept


def test_orphans_are_named_and_nothing_goes_without_being_confirmed(run):
    kept = orphaned()
    before = keys(MEDIA), keys(UPLOADS)
    code, told = run("media_maintenance", "--prune-orphans", "--json")
    assert (code, told["ok"], told["pruned"]) == (1, False, 0)
    assert "--confirm" in told["error"]
    assert told["orphans"] == [
        {"bucket": MEDIA, "key": f"{kept.id}/7-0123456789ab/", "objects": 1, "bytes": 1},
        {"bucket": MEDIA, "key": "99/", "objects": 1, "bytes": 1},
        {"bucket": UPLOADS, "key": "gone.mp4", "objects": 1, "bytes": 8},
    ]
    assert run("media_maintenance", "--prune-orphans", "--confirm", "--dry-run", "--json")[0] == 0
    assert (keys(MEDIA), keys(UPLOADS)) == before


def test_confirmed_orphans_go_and_nothing_else(run):
    kept = orphaned()
    put(MEDIA, "somebody/else.txt")
    put(MEDIA, f"{kept.id}/captions/de.vtt")
    code, told = run("media_maintenance", "--prune-orphans", "--confirm", "--json")
    assert (code, told["pruned"]) == (0, 3)
    assert set(keys(MEDIA)) == {
        *(key(kept, name) for name in NAMES),
        "somebody/else.txt",
        f"{kept.id}/captions/de.vtt",
    }
    assert keys(UPLOADS) == ["kept.mp4"]
    assert run("media_maintenance", "--json")[1]["orphans"] == []


def test_media_of_a_film_that_got_the_number_of_an_orphan_meanwhile_stay(run, demo):
    """A catalogue that was restored gives numbers again: what was just registered lost its media."""
    put(MEDIA, "1/7-0123456789ab/480p/000.ts")
    put(UPLOADS, "lost.mp4")
    found = maintenance.scan()
    maintenance.heal(found)
    film = store.get(1)
    assert film
    new = f"1/{film.version}/480p/000.ts"
    put(MEDIA, new)
    assert maintenance.prune(found) == 0
    assert new in keys(MEDIA)
    assert [orphan.key for orphan in maintenance.scan().orphans] == ["1/7-0123456789ab/"], "and the next look finds it"


def test_what_viewers_may_still_be_watching_is_no_orphan(run):
    """URLs of a version that was replaced live on for a while; the watchdog removes it afterwards."""
    film = whole("film.mp4")
    run("enqueue_transcodes", "1")
    queued = store.get(1)
    assert queued
    encode(1, queued.version)
    publish(1, queued.version)
    assert run("media_maintenance", "--json")[1]["orphans"] == []
    run("media_maintenance", "--prune-orphans", "--confirm")
    assert key(film, "480p/000.ts") in keys(MEDIA)


def test_what_is_being_made_is_no_orphan(run):
    registered = intake.register(upload("film.mp4", etag=put(UPLOADS, "film.mp4")))
    encode(registered.film_id, registered.version)
    put(MEDIA, f"1/{registered.version}/480p/000.ts")
    assert run("media_maintenance", "--json")[1]["orphans"] == []


def test_a_key_that_is_used_again_is_not_taken_for_what_was_deleted(run, demo):
    deletion.delete(whole("film.mp4").id)
    put(UPLOADS, "film.mp4", b"another film")
    told = run("media_maintenance", "--json")[1]
    assert (told["orphans"], told["unregistered_uploads"]) == ([], ["film.mp4"])


def test_the_same_file_uploaded_again_after_its_film_was_deleted_becomes_a_film_and_no_orphan(run, demo):
    """Its event was lost: it was listed as what the deleted film had left, and pruned."""
    film = whole("film.mp4")
    deletion.delete(film.id)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        put(UPLOADS, "film.mp4", b"film.mp4")
        _, told = run("media_maintenance", "--json")
        assert (told["orphans"], told["unregistered_uploads"]) == ([], ["film.mp4"])
        run("media_maintenance", "--heal", "--prune-orphans", "--confirm")
    assert [film.source.key for film in store.all_films()] == keys(UPLOADS) == ["film.mp4"]


@pytest.mark.parametrize("wish", ["--heal", "--enqueue-missing"])
def test_a_dry_run_changes_nothing(run, demo, wish):
    put(UPLOADS, "film.mp4")
    _, told = run("media_maintenance", wish, "--dry-run", "--json")
    assert told["unregistered_uploads"] == ["film.mp4"]
    assert list(store.all_films()) == []
    assert orders() == []


def test_a_dry_run_says_what_would_be_done(run, demo):
    orphaned()
    broken = whole("broken.mp4")
    aws.s3().delete_object(Bucket=MEDIA, Key=key(broken, "480p/000.ts"))
    skipped = intake.register(upload("skipped.mp4", etag=put(UPLOADS, "skipped.mp4")))
    work.fail(skipped.film_id, skipped.version, Failure(code="not_started", message="Later.", step="queue"))
    put(UPLOADS, "lost.mp4")
    wishes = ("--heal", "--enqueue-missing", "--prune-orphans", "--confirm")
    done = ("healed", "enqueued", "pruned")
    _, dry = run("media_maintenance", *wishes, "--dry-run", "--json")
    _, wet = run("media_maintenance", *wishes, "--json")
    assert [dry[one] for one in done] == [wet[one] for one in done]
    assert (dry["dry_run"], wet["dry_run"], dry["healed"]["uploads"]) == (True, False, ["lost.mp4"])


def test_for_people_it_is_a_table(run):
    orphaned()
    _, text = run("media_maintenance", "--prune-orphans", "--confirm")
    assert "s3://videoflix-media/99/ (1 objects)" in text
    assert "pruned: 3" in text


def test_captions_that_no_video_has_are_named_and_those_whose_event_was_lost_are_given_to_theirs(run):
    film = whole("a.mp4")
    for name in ("a.de.vtt", "a.vtt", "b.de.vtt"):
        put(UPLOADS, name, b"WEBVTT\n\n00:01.000 --> 00:02.000\nHallo\n")
    assert run("media_maintenance", "--json")[1]["captions_unused"] == ["a.de.vtt", "a.vtt", "b.de.vtt"]
    run("media_maintenance", "--heal")
    assert [caption.language for caption in store.get(film.id).captions] == ["de"]
    told = run("media_maintenance", "--json")[1]
    assert (told["captions_unused"], told["orphans"]) == (["a.vtt", "b.de.vtt"], [])


GERMAN = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHallo\n"


def lost_captions() -> Film:
    """Return a film that is whole but for the texts of its captions: German beside its source, English of the API."""
    film = whole("a.mp4")
    put(UPLOADS, "a.de.vtt", GERMAN)
    beside.on_file("a.de.vtt")
    keeping.put(film.id, "en", reading.read(GERMAN))
    film = store.get(film.id)
    for caption in film.captions:
        aws.s3().delete_object(Bucket=MEDIA, Key=layout.captions_key(film.id, caption.version, caption.language))
    return film


def test_captions_whose_text_is_lost_are_named_and_stored_again_from_their_file(run):
    """The check said that all was well, and the file's event changed nothing, as the film had the same text."""
    film = lost_captions()
    german = keeping.of(film, "de")
    code, told = run("check_renditions", "--json")
    assert (code, told[0]["missing"], told[0]["captions"], told[0]["captions_healed"]) == (1, [], ["de", "en"], [])
    assert run("check_renditions", "--heal", "--dry-run", "--json")[1][0]["captions_healed"] == ["de"]
    said = run("check_renditions", "--heal")[1]
    assert "Video 1: captions de are stored again." in said
    assert "Video 1: captions en have no file to be stored again from: send them again." in said
    assert keeping.read(film, german) == reading.read(GERMAN).webvtt
    assert store.get(film.id) == film, "addresses that viewers have lead to it again"
    assert run("check_renditions", "--json")[1][0]["captions"] == ["en"]
    assert orders() == [], "encoding would not help"


def test_a_file_that_was_replaced_or_taken_away_since_its_text_was_lost(run):
    film = lost_captions()
    put(UPLOADS, "a.de.vtt", GERMAN.replace(b"Hallo", b"Servus"))
    assert "captions de are stored again" in run("check_renditions", "--heal")[1]
    film = store.get(film.id)
    assert "Servus" in keeping.read(film, keeping.of(film, "de"))
    put(MEDIA, layout.captions_key(film.id, keeping.of(film, "de").version, "de"), b"")
    aws.s3().delete_object(Bucket=UPLOADS, Key="a.de.vtt")
    assert "captions de have no file" in run("check_renditions", "--heal")[1]


def test_a_round_of_maintenance_stores_captions_again_and_encodes_nothing_for_them(run):
    lost_captions()
    assert run("media_maintenance", "--heal", "--dry-run", "--json")[1]["healed"]["captions"] == {"1": ["de"]}
    code, told = run("media_maintenance", "--heal", "--json")
    assert (code, told["broken"][0]["captions"]) == (0, ["de", "en"])
    assert told["healed"] == {"films": [], "uploads": [], "captions": {"1": ["de"]}}
    assert run("media_maintenance", "--json")[1]["broken"][0]["captions"] == ["en"]
    assert orders() == []


def test_a_text_of_captions_that_no_film_names_is_an_orphan(run):
    film = whole("a.mp4")
    put(MEDIA, f"{film.id}/captions-0123456789abcdef/de.vtt")
    assert [each["key"] for each in run("media_maintenance", "--json")[1]["orphans"]] == [
        f"{film.id}/captions-0123456789abcdef/"
    ]
