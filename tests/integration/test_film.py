"""The whole way of a film: the aws CLI drops it, minutes later it plays."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.media import ffmpeg, height, packets
from tests.stack import DEMO, Client, Stack, eventually

SECONDS = 8
KEY = "Ordner mit Ümläuten/Mein Film + noch einer & mehr (1).mp4"
RUNGS = ("480p", "720p", "1080p")


@pytest.fixture(scope="module")
def film_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("film") / "film.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size=1920x1080:rate=12:duration={SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={SECONDS}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(target)),
    )
    return target


@pytest.fixture(scope="module")
def uploaded(stack: Stack, film_file: Path) -> dict[str, object]:
    stack.aws_cli(
        "s3", "cp", str(film_file), f"s3://videoflix-uploads/{KEY}", "--metadata", "title=My film,category=drama"
    )
    return stack.registered(KEY)


@pytest.fixture(scope="module")
def ready(stack: Stack, uploaded: dict[str, object]) -> dict[str, object]:
    return stack.finished(stack.demo(), int(str(uploaded["id"])))


def _segments(client: Client, film_id: object, rung: str) -> list[tuple[float, str]]:
    answer = client.get(f"/api/video/{film_id}/{rung}/index.m3u8")
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    lines = answer.body.decode().splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == "#EXT-X-ENDLIST"
    durations = [float(line.removeprefix("#EXTINF:").rstrip(",")) for line in lines if line.startswith("#EXTINF")]
    addresses = [line for line in lines if line and not line.startswith("#")]
    return list(zip(durations, addresses, strict=True))


def test_a_film_dropped_by_the_aws_cli_gets_its_metadata_and_becomes_ready(
    ready: dict[str, object], uploaded: dict[str, object], stack: Stack
) -> None:
    assert ready["state"] == "ready", ready["failure"]
    listed = next(film for film in stack.demo().get("/api/video/").json() if film["id"] == uploaded["id"])
    assert list(listed)[:6] == ["id", "created_at", "title", "description", "thumbnail_url", "category"]
    assert (listed["title"], listed["category"]) == ("My film", "drama")


@pytest.mark.parametrize("rung", RUNGS)
def test_every_segment_of_every_rung_plays_and_lasts_what_the_playlist_says(
    rung: str, ready: dict[str, object], uploaded: dict[str, object], stack: Stack, tmp_path: Path
) -> None:
    client = stack.demo()
    anonymous = stack.client()
    total = 0.0
    for number, (declared, address) in enumerate(_segments(client, uploaded["id"], rung)):
        assert urlsplit(address).port == stack.aws, "media bytes must not pass through a Lambda"
        answer = anonymous.get(address)
        assert answer.status == 200
        segment = tmp_path / f"{number}.ts"
        segment.write_bytes(answer.body)
        pictures, sound = packets(segment, "v"), packets(segment, "a")
        assert "K" in pictures[0].flags, "a player can only start at a keyframe"
        assert sound, "segments carry picture and sound"
        lasts = sum(packet.duration for packet in pictures)
        assert lasts == pytest.approx(declared, abs=0.001)
        total += lasts
    assert total == pytest.approx(SECONDS, abs=0.1)


def test_the_rungs_have_the_sizes_that_their_names_promise(
    ready: dict[str, object], uploaded: dict[str, object], stack: Stack, tmp_path: Path
) -> None:
    client = stack.demo()
    for rung in RUNGS:
        segment = tmp_path / f"{rung}.ts"
        segment.write_bytes(client.get(_segments(client, uploaded["id"], rung)[0][1]).body)
        assert f"{height(segment)}p" == rung


def test_the_thumbnail_loads_in_an_img_without_credentials(
    ready: dict[str, object], uploaded: dict[str, object], stack: Stack, tmp_path: Path
) -> None:
    listed = next(film for film in stack.demo().get("/api/video/").json() if film["id"] == uploaded["id"])
    answer = stack.client().get(listed["thumbnail_url"])
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    picture = tmp_path / "thumbnail.jpg"
    picture.write_bytes(answer.body)
    assert height(picture) >= 180, "large enough for a card of the list"


def test_segments_play_by_their_plain_names_through_the_api_as_the_original_served_them(
    ready: dict[str, object], uploaded: dict[str, object], stack: Stack
) -> None:
    client = stack.demo()
    whole = client.get(f"/api/video/{uploaded['id']}/480p/000.ts", Accept="*/*")
    part = client.get(f"/api/{uploaded['id']}/480p/000.ts/", Accept="*/*", Range="bytes=0-187")
    assert (whole.status, whole.headers["content-type"]) == (200, "video/MP2T")
    assert (part.status, part.body) == (206, whole.body[:188])


def test_the_bytes_of_a_film_are_for_those_who_were_handed_a_signed_address(
    ready: dict[str, object], uploaded: dict[str, object], stack: Stack
) -> None:
    address = _segments(stack.demo(), uploaded["id"], "480p")[0][1]
    unsigned = address.partition("?")[0]
    assert stack.client().get(unsigned).status == 403
    assert stack.client().get(f"/api/video/{uploaded['id']}/480p/index.m3u8").status == 401


@pytest.mark.parametrize("which", ["the same", "an older one"])
def test_an_event_that_comes_again_changes_nothing(
    which: str, ready: dict[str, object], uploaded: dict[str, object], stack: Stack
) -> None:
    before = stack.films()
    record = {
        "s3": {
            "bucket": {"name": "videoflix-uploads"},
            "object": {
                "key": "Ordner+mit+%C3%9Cml%C3%A4uten/Mein+Film+%2B+noch+einer+%26+mehr+%281%29.mp4",
                "sequencer": _sequencer(stack, uploaded["id"]) if which == "the same" else "0",
            },
        }
    }
    event = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", **record}]}
    answer = stack.service("lambda").invoke(FunctionName="videoflix-local-ingest", Payload=json.dumps(event))
    assert "FunctionError" not in answer
    assert stack.films() == before


def _sequencer(stack: Stack, film_id: object) -> str:
    """What S3 said of the order of the event that the film was made of."""
    items = stack.service("dynamodb").query(
        TableName="videoflix-local-catalogue",
        KeyConditionExpression="pk = :film",
        ExpressionAttributeValues={":film": {"S": f"film#{film_id}"}},
    )["Items"]
    (source,) = [json.loads(item["source"]["S"]) for item in items if "source" in item]
    return str(source["sequencer"])


@pytest.mark.parametrize(("name", "text"), [("letter", "Dear uploader, this is not a film.\n" * 500), ("nothing", "")])
def test_a_file_that_is_no_film_fails_with_a_reason_and_the_owner_is_told(
    name: str, text: str, stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.mp4"
    file.write_text(text)
    stack.aws_cli("s3", "cp", str(file), f"s3://videoflix-uploads/{name}.mp4")
    film = stack.registered(f"{name}.mp4")
    status = stack.finished(stack.demo(), film["id"])
    assert status["state"] == "failed"
    assert status["failure"]["code"] == "not_a_video"
    assert name not in status["failure"]["message"], "a failure never repeats the uploader's words"
    mail = eventually(lambda: _mail_about(stack, name, "could not be processed"), timeout=60)
    assert status["failure"]["message"] in mail["text"], "the mail says why"


def _mail_about(stack: Stack, title: str, what: str) -> dict[str, str] | None:
    mails = json.loads(stack.manage("mails", "--to", DEMO["email"], "--json"))
    return next((mail for mail in mails if title in mail["subject"] and what in mail["subject"]), None)


def test_nobody_can_list_the_media_bucket_without_a_signature(stack: Stack) -> None:
    """A guessed bucket address tells nothing about whose films there are."""
    answer = stack.client().get(f"{stack.aws_url}/videoflix-media?list-type=2")
    assert answer.status == 403
    assert ET.fromstring(answer.body).findtext("Code") == "AccessDenied"
