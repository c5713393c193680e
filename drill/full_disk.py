"""A disk is full, before something or amid it, and has room again later: what is wrong after it."""

from __future__ import annotations

import hashlib
import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from drill import journeys
from drill.disks import Disks
from drill.events import Drill
from drill.faults import made_by
from drill.site import FUNCTIONS, Site
from functions.settings import current
from localstack import mailbox
from tests.media import ffmpeg
from tests.stack import eventually

_PATIENCE = 480.0  # seconds: three attempts, each a minute and the watchdog's next round after the one before
_SOON = 90.0  # seconds
_A_CLIENT_TRIES = 4  # times (functions/aws.py)
_UNTIL_WRITTEN = 3.0  # seconds: the stack writes what has changed within two
_BY_THEMSELVES = frozenset({"lease_expires_at"})  # what the watchdog changes of a row that nobody touches
_SETS = frozenset({"SS", "NS", "BS"})  # types of attributes whose order means nothing
_FULL = ("No space left on device", "temporary folder is full")  # what the system says, what our code makes of it


def _no_folders(site: Site, film: Path) -> Iterator[str]:
    """Not even an empty folder can be made, so that no function runs."""
    log = _Log(site)
    with _disks(site).scratch.full(of_files=True):
        journeys.drop(site, film, "no-folders")
        log.await_words(f"{FUNCTIONS['ingest']} found no place")
    yield from _becomes_ready(site, "no-folders")


def _no_room_to_encode(site: Site, film: Path) -> Iterator[str]:
    log = _Log(site)
    with _disks(site).scratch.full():
        journeys.drop(site, film, "no-room")
        log.await_words(*_FULL)
    yield from _becomes_ready(site, "no-room")


def _no_more_room_to_encode(site: Site, film: Path) -> Iterator[str]:
    log = _Log(site)
    _drop_and_await_a_segment(site, film, "no-more-room")
    with _disks(site).scratch.full():
        log.await_words(*_FULL)
    yield from _becomes_ready(site, "no-more-room")


def _never_room_to_encode(site: Site, film: Path) -> Iterator[str]:
    """It is full until every attempt was made."""
    with _disks(site).scratch.full():
        journeys.drop(site, film, "never-room")
        record = journeys.rest(site, "never-room", _PATIENCE)
    if record["state"]["S"] != "failed":
        yield "a film was encoded without room for it"
    client, number = journeys.log_in(site), site.number(record)
    failure = client.get(f"/api/video/{number}/status/").json()["failure"]
    if "again" not in failure["message"]:
        yield f"the owner is not told to try again: {failure}"
    answer = client.post(f"/api/video/{number}/transcode/", {})
    if answer.status != 202:
        yield f"who tries again is answered {answer.status}"
    eventually(lambda: _is_ready(site, "never-room"), _PATIENCE)


def _upload(site: Site, film: Path) -> Iterator[str]:
    """Somebody drops a film into the bucket, somebody else sends one from the page; each tries again later."""
    client, content = journeys.log_in(site), film.read_bytes()
    with _disks(site).state.full():
        try:
            journeys.drop(site, film, "dropped")
            yield "S3 took a film that there was no room for"
        except ClientError as error:
            if error.response["Error"]["Code"] != "ServiceUnavailable":
                yield f"S3 refused a film with other words: {error}"
        said = {"title": "sent", "publish": True, "size": len(content), "content_type": "video/mp4"}
        announced = client.post("/api/video/", said).json()
        if (status := _put(announced["upload"]["put_url"], content)) != 503:
            yield f"S3 answered the page {status}"
    journeys.drop(site, film, "dropped")
    if (status := _put(announced["upload"]["put_url"], content)) != 200:
        yield f"S3 answers the page {status} though there is room"
    for title in ("dropped", "sent"):
        yield from _becomes_ready(site, title)
    yield from _changed_by_a_restart(site)


def _encode(site: Site, film: Path) -> Iterator[str]:
    _drop_and_await_a_segment(site, film, "amid")
    with _disks(site).state.full():
        site.proxy.set_rules(
            [{"service": "s3", "operation": "PutObject", **made_by(FUNCTIONS["transcode"]), "latency": 0}]
        )
        # only what was refused is sent again
        eventually(lambda: max(_sent(site).values(), default=0) >= _A_CLIENT_TRIES or None, _SOON)
        site.proxy.clear()
    yield from _becomes_ready(site, "amid")
    yield from _changed_by_a_restart(site)


def _people(site: Site, _film: Path) -> Iterator[str]:
    with _disks(site).state.full():
        journeys.Account().run(site, "full-account")
        time.sleep(_UNTIL_WRITTEN)
        if _is_written(site, _last_session(site)):
            yield "the disk was not full: what was last done with the account is on it"
    yield from _changed_by_a_restart(site)


class _Log:
    """What the stack logs from now on."""

    def __init__(self, site: Site) -> None:
        self._begins = {path: path.stat().st_size for path in site.stack.state.glob("log/*.log")}

    def await_words(self, *any_of: str) -> None:
        """Wait for one of these."""
        eventually(lambda: any(words in self._text() for words in any_of) or None, _SOON)

    def _text(self) -> str:
        return "".join(path.read_bytes()[begin:].decode(errors="replace") for path, begin in self._begins.items())


def _sent(site: Site) -> Counter[str]:
    """Return how often each object was sent that the proxy saw."""
    return Counter(each["path"] for each in site.proxy.fired())


def _last_session(site: Site) -> str:
    """Return the sort key of the session that somebody began last."""
    rows = [row for row in site.rows(current().accounts_table) if row["sk"]["S"].startswith("session#")]
    return str(max(rows, key=lambda row: float(row["started_at"]["N"]))["sk"]["S"])


def _is_written(site: Site, key: str) -> bool:
    """Whether the emulator's files have an item of DynamoDB with such a key."""
    files = (site.stack.state / "emulator").glob("dynamodb*")
    return any(key.encode() in file.read_bytes() for file in files)


def _disks(site: Site) -> Disks:
    if site.disks is None:
        raise journeys.BrokenOff("there are no disks that may be filled")
    return site.disks


def _drop_and_await_a_segment(site: Site, film: Path, title: str) -> None:
    """Drop a film that takes some seconds to encode, and return when the bucket has the first of it."""
    longer = film.with_name("longer.mp4")
    if not longer.exists():
        repeated = ("-stream_loop", "14", "-i", str(film), "-vf", "scale=1280:720")
        ffmpeg(*repeated, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(longer))
    journeys.drop(site, longer, title)
    film_id = site.number(eventually(lambda: site.film(title), _SOON))
    media = {"Bucket": current().media_bucket, "Prefix": f"{film_id}/"}

    def segments() -> bool | None:
        listed = site.aws("s3").list_objects_v2(**media).get("Contents", [])
        return any(found["Key"].endswith(".ts") for found in listed) or None

    eventually(segments, _SOON, every=0.02)


def _is_ready(site: Site, title: str) -> bool | None:
    return (site.film(title) or {}).get("state") == {"S": "ready"} or None


def _becomes_ready(site: Site, title: str) -> Iterator[str]:
    record = journeys.rest(site, title, _PATIENCE)
    if record["state"]["S"] != "ready":
        yield f"“{title}” has failed: {record['failure']['S']}"


def _put(url: str, content: bytes) -> int:
    request = urllib.request.Request(url, content, {"Content-Type": "video/mp4"}, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=_SOON) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _changed_by_a_restart(site: Site) -> Iterator[str]:
    """Say whether what was accepted is there again, as it was, after the stack was stopped and started."""
    before = _kept(site)
    site.stack.run(sys.executable, "-m", "localstack.down")
    site.stack.up()
    yield from differences(before, _kept(site))


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Say what is lost or another, of the contents of things by their names."""
    for name, content in sorted(before.items()):
        if name not in after:
            yield f"after a restart this is lost: {name}"
        elif after[name] != content:
            yield f"after a restart this is not what it was: {name}"


def _kept(site: Site) -> dict[str, str]:
    """Return the contents, by name, of all that people would miss: objects, rows and mails."""
    kept = {f"mail {mail.id} {mail.subject}": mail.text for mail in mailbox.read(site.stack.aws_url)}
    for bucket in (current().uploads_bucket, current().media_bucket):
        pages = site.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
        kept |= {
            f"object {bucket} {found['Key']}": found["ETag"] for page in pages for found in page.get("Contents", [])
        }
    for table in (current().accounts_table, current().catalogue_table):
        kept |= {
            f"row {table} {row['pk']['S']} {row['sk']['S']}": digest(row)
            for row in site.rows(table)
            if not row["pk"]["S"].startswith("limit#")  # they pass by themselves
        }
    return kept


def digest(row: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a digest of what a row says (as DynamoDB's API gives it), but for what changes by itself."""
    said = {
        name: {kind: sorted(held) if kind in _SETS else held for kind, held in value.items()}
        for name, value in row.items()
        if name not in _BY_THEMSELVES
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=repr).encode()).hexdigest()


DRILLS = (
    Drill("functions are given no temporary folder when a film is uploaded: they wait", _no_folders),
    Drill("the encoder's temporary folder is full when a film comes", _no_room_to_encode),
    Drill("the encoder's temporary folder becomes full amid a film", _no_more_room_to_encode),
    Drill("it stays full until the film is given up; somebody tries again later", _never_room_to_encode),
    Drill("the stack's own disk is full when films are uploaded, to the bucket and from the page", _upload),
    Drill("the stack's own disk becomes full amid the encoding of a film", _encode),
    Drill("the stack's own disk is full during an account's life", _people),
)
