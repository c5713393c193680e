"""What is in the buckets is for those who were handed its address: who guesses, changes or keeps one gets nothing.

The film is the demo user's, and not published; the addresses are those that its owner gets.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import pytest

from functions.delivery.signing import GRACE, S3Signer
from tests.stack import Client, Stack

MEDIA, UPLOADS = "videoflix-media", "videoflix-uploads"
FILM = 1  # the one that a new stack has


@dataclass(frozen=True)
class Hidden:
    """A film that was published, and the addresses that its owner was handed before it was unpublished."""

    segment: str
    thumbnail: str
    source_key: str
    lasts: float

    @property
    def segment_key(self) -> str:
        return urlsplit(self.segment).path.removeprefix(f"/{MEDIA}/")

    @property
    def source_path(self) -> str:
        return f"{UPLOADS}/{quote(self.source_key)}"


@pytest.fixture(scope="module")
def hidden(stack: Stack) -> Iterator[Hidden]:
    owner = stack.demo()
    playlist = owner.get(f"/api/video/{FILM}/480p/index.m3u8").body.decode()
    shown = owner.get(f"/api/video/{FILM}/").json()
    source = next(film["source_key"] for film in stack.films() if film["id"] == FILM)
    publish(owner, on=False)
    yield Hidden(
        segment=next(line for line in playlist.splitlines() if line.startswith("http")),
        thumbnail=shown["thumbnail_url"],
        source_key=source,
        lasts=shown["duration"],
    )
    publish(owner, on=True)


def publish(owner: Client, *, on: bool) -> None:
    assert owner.call("PATCH", f"/api/video/{FILM}/", {"published": on}).status == 200


@pytest.fixture(scope="module")
def key(stack: Stack) -> dict[str, Any]:
    """The key that signs media addresses: what a guesser does not have."""
    found = stack.service("secretsmanager").get_secret_value(SecretId="videoflix/local/media-signer")
    return json.loads(found["SecretString"])


def signer(stack: Stack, key: dict[str, Any], bucket: str = MEDIA) -> S3Signer:
    return S3Signer(stack.aws_url, bucket, "us-east-1", key["access_key_id"], key["secret_access_key"])


def status(stack: Stack, address: str) -> int:
    """What somebody gets who has nothing but the address; HEAD tells the same."""
    anonymous = stack.client()
    got = anonymous.get(address)
    assert anonymous.call("HEAD", address).status in (got.status, 403), "a signature is for one method"
    return got.status


def changed(address: str, **parameters: str) -> str:
    """The address with other parameters in its query."""
    query = dict(parse_qsl(urlsplit(address).query)) | parameters
    return f"{address.partition('?')[0]}?{urlencode(query)}"


def test_unsigned_addresses_of_either_bucket_open_nothing(stack: Stack, hidden: Hidden) -> None:
    paths = [f"{MEDIA}/{hidden.segment_key}", f"{MEDIA}/{FILM}/", hidden.source_path, f"{UPLOADS}/api/{FILM}/guessed"]
    guesses = [f"{stack.aws_url}/{path}" for path in (*paths, f"{MEDIA}/?list-type=2", f"{UPLOADS}/?list-type=2")]
    assert {address: status(stack, address) for address in guesses} == dict.fromkeys(guesses, 403)


def test_a_signature_that_was_made_up_opens_nothing(stack: Stack, hidden: Hidden, key: dict[str, Any]) -> None:
    stranger = key | {"access_key_id": "AKIAGUESSEDGUESSED00"}
    guesser = key | {"secret_access_key": "guessed"}
    for made_up in (stranger, guesser):
        sign = signer(stack, made_up).window(int(time.time()), 3600)
        assert status(stack, sign(hidden.segment_key)) == 403


def test_a_changed_address_opens_nothing(stack: Stack, hidden: Hidden) -> None:
    assert stack.client().get(hidden.segment).status == 200, "as it is, it opens"
    query = parse_qs(urlsplit(hidden.segment).query)
    signature = query["X-Amz-Signature"][0]
    for address in (
        changed(hidden.segment, **{"X-Amz-Expires": "604800"}),
        changed(hidden.segment, **{"X-Amz-Date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")}),
        changed(hidden.segment, **{"X-Amz-Signature": signature[::-1]}),
        changed(hidden.segment, **{"X-Amz-SignedHeaders": ""}),
        changed(hidden.segment, **{"response-content-type": "text/html"}),
        hidden.segment.partition("&X-Amz-Signature")[0],
    ):
        assert status(stack, address) in (400, 403), address


def test_an_address_opens_one_object_and_no_other(stack: Stack, hidden: Hidden, key: dict[str, Any]) -> None:
    """Who is handed a thumbnail has neither the film nor its source, and the signer itself cannot open a source."""
    query = urlsplit(hidden.thumbnail).query
    assert stack.client().get(hidden.thumbnail).status == 200
    assert status(stack, f"{stack.aws_url}/{MEDIA}/{hidden.segment_key}?{query}") == 403
    assert status(stack, f"{stack.aws_url}/{hidden.source_path}?{query}") == 403
    sign = signer(stack, key, UPLOADS).window(int(time.time()), 3600)
    assert status(stack, sign(hidden.source_key)) == 403


def test_who_may_upload_a_file_cannot_fetch_what_is_there(stack: Stack, hidden: Hidden) -> None:
    announced = stack.demo().post("/api/video/", {"size": 5}).json()
    assert status(stack, announced["upload"]["put_url"]) == 403


def test_addresses_die_within_the_films_length_and_an_hour(stack: Stack, hidden: Hidden, key: dict[str, Any]) -> None:
    """Those that were handed out before the film was unpublished are the only ones left, and storage keeps the time."""
    unpublished = datetime.now(UTC)
    for address, lasts in ((hidden.segment, hidden.lasts), (hidden.thumbnail, 0)):
        query = dict(parse_qsl(urlsplit(address).query))
        signed = datetime.strptime(f"{query['X-Amz-Date']}+0000", "%Y%m%dT%H%M%SZ%z")
        dies = signed + timedelta(seconds=int(query["X-Amz-Expires"]))
        assert dies <= unpublished + timedelta(seconds=lasts + GRACE + 1)
    lives = int(parse_qs(urlsplit(hidden.segment).query)["X-Amz-Expires"][0])
    now = int(time.time())
    assert stack.client().get(signer(stack, key).window(now - lives + 60, lives)(hidden.segment_key)).status == 200
    assert status(stack, signer(stack, key).window(now - lives - 1, lives)(hidden.segment_key)) == 403
    assert stack.newcomer().get(f"/api/video/{FILM}/480p/index.m3u8").status == 404, "and no new ones are to be had"
