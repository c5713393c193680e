"""What routes cost in CPU in a warm process, above the AWS calls that they make: `python -m bench.routes`.

How it is measured stands in `bench/taped.py`; the floor of each is its own raw AWS calls, made with botocore alone.
Password hashing is no AWS call: the routes that need it are marked, and `bench.accounts` has their claim. Left out are
the routes that read a file from S3 (segments, captions, the storyboard): a body that streams cannot be given twice.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

import boto3

from bench import catalogue, figures, taped

_HASHES = "bcrypt"
_NEXT = "another horse entirely"


class Asked(NamedTuple):
    """A call that is measured.

    Attributes:
        method: HTTP's.
        resource: The route.
        body: Sent as JSON.
        path: The route's parameters.
        expect: The status that it must have.
        note: Where its claim is, if it has one.
    """

    method: str
    resource: str
    body: object = None
    path: dict[str, str] | None = None
    expect: int = 200
    note: str = ""


def main() -> int:
    """Measure and print."""
    with taped.aws() as recorder:
        rows = [_measured(recorder, door, asked) for door, asked in _calls()]
    print(f"{'route':<58}{'AWS calls':>10}{'CPU ms':>9}{'above':>9}")
    for asked, calls, took, above in rows:
        print(f"{asked.method:<7}{asked.resource:<51}{calls:>10}{took:>9.2f}{above:>+9.2f}  {asked.note}")
    return 0


def _measured(recorder: taped.Recorder, door: taped.Door, asked: Asked) -> tuple[Asked, int, float, float]:
    call = recorder.tape(door.call(asked.method, asked.resource, asked.body, expect=asked.expect, path=asked.path))
    took, floor = taped.fastest(10 if asked.note else 100, call, call.floor)
    if not asked.note:
        figures.keep(f"warm {asked.method} {asked.resource}", took, "ms")
    return asked, len(call.calls), took, took - floor


def _calls() -> Iterator[tuple[taped.Door, Asked]]:
    """Yield the calls with the cookies that each needs; what one leaves, the next finds."""
    os.environ["LOG_LEVEL"] = "ERROR"  # a line for each of a hundred times would hide the table
    _make_stores()
    stranger, door = taped.Door(), taped.Door()
    yield from ((stranger, asked) for asked in _of_a_newcomer())
    _make_staff()
    door.log_in()
    yield from ((door, asked) for asked in _of_an_upload())
    catalogue.fill(range(1, 101))
    yield from ((door, asked) for asked in _of_films())
    yield from ((door, asked) for asked in _of_an_account())


def _of_a_newcomer() -> Iterator[Asked]:
    said = {"email": "new@example.com", "password": _NEXT, "confirmed_password": _NEXT}
    yield Asked("GET", "/healthz")
    yield Asked("GET", "/api/docs")
    yield Asked("GET", "/api/schema")
    yield Asked("POST", "/api/register", said, expect=201, note=_HASHES)
    yield Asked("POST", "/api/activate/resend", {"email": said["email"]})
    link = _link()
    yield Asked("GET", "/api/activate/{uidb64}/{token}", path=link)
    yield Asked("POST", "/api/password_reset", {"email": said["email"]})
    new = {"new_password": taped.PASSWORD, "confirm_password": taped.PASSWORD}
    yield Asked("POST", "/api/password_confirm/{uidb64}/{token}", new, _link(), note=_HASHES)


def _of_films() -> Iterator[Asked]:
    film = {"video_id": "1"}
    yield Asked("GET", "/api/video")
    yield Asked("GET", "/api/video/{video_id}", path=film)
    yield Asked("GET", "/api/video/{video_id}/status", path=film)
    yield Asked("GET", "/api/video/{video_id}/plan", path=film)
    yield Asked("GET", "/api/video/{video_id}/position", path=film)
    yield Asked("PUT", "/api/video/{video_id}/position", {"seconds": 12}, film)
    yield Asked("GET", "/api/video/{video_id}/master.m3u8", path=film)
    two_hours = "1,200 segments: bench.catalogue has its claim"
    yield Asked(
        "GET", "/api/video/{video_id}/{resolution}/index.m3u8", path={**film, "resolution": "480p"}, note=two_hours
    )
    yield Asked("GET", "/api/video/{video_id}/captions", path=film)
    yield Asked("PATCH", "/api/video/{video_id}", {"title": "Another title"}, film)
    yield Asked("POST", "/api/video/{video_id}/transcode", None, film, 202)
    yield Asked("GET", "/api/operations/failed")
    yield Asked("GET", "/api/users")


def _of_an_upload() -> Iterator[Asked]:
    said = {"title": "Uploaded", "filename": "film.mp4", "size": 200_000_000, "content_type": "video/mp4"}
    yield Asked("POST", "/api/video", said, expect=201)
    film = {"video_id": _newest()}
    yield Asked("GET", "/api/video/{video_id}/upload/parts", path=film)
    yield Asked("POST", "/api/video/{video_id}/upload/parts", {"numbers": [1, 2, 3]}, film)
    yield Asked("POST", "/api/video/{video_id}/upload/abort", None, film)
    yield Asked("DELETE", "/api/video/{video_id}", path=film, expect=204)


def _of_an_account() -> Iterator[Asked]:
    yield Asked("GET", "/api/account")
    yield Asked("GET", "/api/account/export")
    yield Asked("POST", "/api/login", {"email": taped.EMAIL, "password": taped.PASSWORD}, note=_HASHES)
    yield Asked("POST", "/api/token/refresh")
    yield Asked("POST", "/api/logout")


def _link() -> dict[str, str]:
    """Return the parameters of the link in the newest mail on the queue."""
    queue = boto3.client("sqs")
    url = queue.get_queue_url(QueueName="videoflix-bench-mail")["QueueUrl"]
    received = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    link = json.loads(received[-1]["Body"])["context"]["link"]
    found = re.search(r"uid=([^&]+)&token=([^&]+)|/([^/]+)/([^/]+)/?$", link)
    assert found, link
    uid, token = [part for part in found.groups() if part]
    return {"uidb64": uid, "token": token}


def _newest() -> str:
    from functions.catalogue import store  # noqa: PLC0415 - after the environment is set

    return str(max(film.id for film in store.all_films()))


def _make_staff() -> None:
    from functions.accounts import people  # noqa: PLC0415 - as above

    people.seed(taped.EMAIL, taped.PASSWORD, staff=True)


def _make_stores() -> None:
    for name in ("uploads", "media"):
        boto3.client("s3").create_bucket(Bucket=f"videoflix-bench-{name}")
    made = boto3.client("stepfunctions").create_state_machine(
        name="videoflix-bench-transcode",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::000000000000:role/bench",
    )
    os.environ["TRANSCODE_MACHINE"] = made["stateMachineArn"]  # moto's account has a number of its own


if __name__ == "__main__":
    sys.exit(main())
