"""Where the disk is full, nothing is taken that would be lost, and what was taken is written when there is room."""

import asyncio
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import ANY

import pytest

from localstack import process
from localstack.embedded.corrections.full_disk import FullDisk
from tests.ports import free_ports

from .conftest import Target, kill, wait_for
from .test_state import _mails as mails

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits another process, as Linux can")

ROOM = 100_000  # bytes of a file that a process with no room may write; a full disk also lets the beginning through
FILM = b"film" * ROOM


@contextmanager
def no_room(pid):
    """Let a process write no file that is larger than `ROOM`."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def put_film(target):
    s3 = target.client("s3")
    s3.create_bucket(Bucket="films")
    s3.put_object(Bucket="films", Key="film.mp4", Body=FILM, Metadata={"title": "t"})


def test_the_bare_emulator_still_takes_what_it_cannot_write(tmp_path):
    port = free_ports(1)[0]
    keep = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    setting = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "S3_PERSIST": "1", "S3_DATA_DIR": str(tmp_path)}
    server = subprocess.Popen([sys.executable, "-m", "ministack"], env=keep | setting, stderr=subprocess.DEVNULL)
    try:
        target = Target(f"http://127.0.0.1:{port}")
        wait_for(lambda: urllib.request.urlopen(f"{target.url}/_ministack/health").status == 200)
        with no_room(server.pid):
            put_film(target)
        assert not list(tmp_path.rglob("film.mp4"))
        put_film(target)
        assert list(tmp_path.rglob("film.mp4")), "there is room again"
    finally:
        server.terminate()
        server.wait(20)


def test_an_object_that_was_taken_is_written_when_there_is_room(stack):
    target = Target(stack.aws_url, stack)
    with no_room(stack.record()["pid"]):
        put_film(target)
        assert target.client("s3").get_object(Bucket="films", Key="film.mp4")["Body"].read() == FILM
        assert not list((stack.state / "emulator" / "s3").rglob("film.mp4"))
    wait_for(lambda: list((stack.state / "emulator" / "s3").rglob("film.mp4.meta.json")))
    kill(stack)
    process.start(stack)
    found = target.client("s3").get_object(Bucket="films", Key="film.mp4")
    assert (found["Body"].read(), found["Metadata"]) == (FILM, {"title": "t"})


def test_mails_are_kept_once_each_although_only_some_of_them_could_be_written(stack):
    target = Target(stack.aws_url, stack)
    ses = target.client("ses")
    ses.verify_email_identity(EmailAddress="from@example.com")
    kept = stack.state / "emulator" / "sent-mail.kept"
    with no_room(stack.record()["pid"]):
        for number in range(5):
            ses.send_email(
                Source="from@example.com",
                Destination={"ToAddresses": ["to@example.com"]},
                Message={"Subject": {"Data": f"Mail {number}"}, "Body": {"Text": {"Data": "w" * (ROOM // 3)}}},
            )
        wait_for(lambda: kept.stat().st_size == ROOM)
    wait_for(lambda: "Mail 4" in kept.read_text())
    kill(stack)
    process.start(stack)
    assert [mail["Subject"] for mail in mails(target)] == [f"Mail {number}" for number in range(5)]


@pytest.fixture
def small_disk(monkeypatch, tmp_path):
    """S3 in this process, with a bucket, on a disk that has as many bytes left as a test says."""
    from ministack.services import s3  # noqa: PLC0415 - only where it is needed in this process

    for name in ("_put_object", "_post_object", "_upload_part", "_complete_multipart_upload", "_persist_object"):
        monkeypatch.setattr(s3, name, getattr(s3, name))
    FullDisk(tmp_path).install()
    left = SimpleNamespace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: left)
    ask(s3, "PUT", "/small-disk")
    return s3, left


def ask(s3, method, path, body=b"", **query):
    """Call S3 from a thread of its own: this one may be Playwright's, whose loop runs."""
    call = s3.handle_request(method, path, {}, body, {k: [v] for k, v in query.items()})
    with ThreadPoolExecutor(1) as thread:
        status, _, answer = thread.submit(asyncio.run, call).result()
    return status, answer


def test_what_there_is_no_room_for_is_refused_as_s3_refuses_what_it_cannot_serve(small_disk):
    s3, left = small_disk
    assert ask(s3, "PUT", "/small-disk/film", b"film") == (503, ANY)
    assert ask(s3, "GET", "/small-disk/film")[0] == 404
    left.free = 2**40
    assert ask(s3, "PUT", "/small-disk/film", b"film")[0] == 200
    assert ask(s3, "GET", "/small-disk/film") == (200, b"film")


def test_an_upload_in_parts_is_completed_when_there_is_room_for_the_whole(small_disk):
    s3, left = small_disk
    left.free = 2**40
    answer = ask(s3, "POST", "/small-disk/parts", uploads="")[1].decode()
    upload = re.search("<UploadId>(.+)</UploadId>", answer)[1]
    assert ask(s3, "PUT", "/small-disk/parts", b"part", uploadId=upload, partNumber="1")[0] == 200
    etag = hashlib.md5(b"part").hexdigest()
    parts = (
        f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    )
    left.free = 0
    assert ask(s3, "PUT", "/small-disk/parts", b"part", uploadId=upload, partNumber="2")[0] == 503
    assert ask(s3, "POST", "/small-disk/parts", parts.encode(), uploadId=upload)[0] == 503
    left.free = 2**40
    assert ask(s3, "POST", "/small-disk/parts", parts.encode(), uploadId=upload)[0] == 200
    assert ask(s3, "GET", "/small-disk/parts") == (200, b"part")
