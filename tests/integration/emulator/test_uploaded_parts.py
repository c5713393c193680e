"""A paused upload costs no memory, and goes on after the stack was stopped or killed: nothing is sent twice."""

import os

import pytest
from botocore.exceptions import ClientError

from localstack import process

from .conftest import Target, kill, wait_for

PART = 8 * 1024**2
WHERE = {"Bucket": "paused", "Key": "ü film.mp4"}


def begun(target):
    """Begin an upload in a bucket of its own; answers what its further calls want."""
    s3 = target.client("s3")
    s3.create_bucket(Bucket=WHERE["Bucket"])
    if target.stack:  # a bucket is kept a moment after it was made; what is tested are parts
        wait_for(lambda: WHERE["Bucket"] in (target.stack.state / "emulator" / "s3.json").read_text())
    made = s3.create_multipart_upload(**WHERE, ContentType="video/mp4", Metadata={"title": "Paused"})
    return s3, {**WHERE, "UploadId": made["UploadId"]}


def send(s3, upload, number, byte, size=PART):
    return {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=byte * size)["ETag"]}


def parts_folder(stack):
    return stack.state / "emulator" / "parts"


def test_a_paused_upload_goes_on_after_a_restart(stack):
    s3, upload = begun(Target(stack.aws_url, stack))
    first = send(s3, upload, 1, b"a")
    send(s3, upload, 2, b"b")
    process.stop(stack)
    process.start(stack)
    (known,) = s3.list_multipart_uploads(Bucket=WHERE["Bucket"])["Uploads"]
    assert (known["Key"], known["UploadId"]) == (WHERE["Key"], upload["UploadId"])
    arrived = s3.list_parts(**upload)["Parts"]
    assert [(part["PartNumber"], part["Size"]) for part in arrived] == [(1, PART), (2, PART)]
    again = send(s3, upload, 2, b"c")
    last = send(s3, upload, 3, b"d", size=5)
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [first, again, last]})
    film = s3.get_object(**WHERE)
    assert (film["ContentType"], film["Metadata"]) == ("video/mp4", {"title": "Paused"})
    assert film["Body"].read() == b"a" * PART + b"c" * PART + b"d" * 5
    assert film["ETag"].endswith('-3"')
    assert list(parts_folder(stack).iterdir()) == []


def test_after_a_kill_a_part_that_was_cut_off_never_arrived_and_the_others_did(stack):
    s3, upload = begun(Target(stack.aws_url, stack))
    send(s3, upload, 1, b"a")
    send(s3, upload, 2, b"b")
    kill(stack)
    (folder,) = parts_folder(stack).iterdir()
    os.truncate(folder / "bytes", PART + 100)
    with (folder / "parts.jsonl").open("a") as file:
        file.write("\n[3, 167")
    (parts_folder(stack) / "of an upload that had just begun").mkdir()
    process.start(stack)
    assert [part["PartNumber"] for part in s3.list_parts(**upload)["Parts"]] == [1]
    sent = [s3.list_parts(**upload)["Parts"][0]["ETag"], send(s3, upload, 2, b"c")["ETag"]]
    numbered = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(sent, 1)]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": numbered})
    assert s3.get_object(**WHERE)["Body"].read() == b"a" * PART + b"c" * PART
    assert list(parts_folder(stack).iterdir()) == []


def test_of_an_upload_that_was_given_up_nothing_stays(corrected):
    s3, upload = begun(corrected)
    send(s3, upload, 1, b"a")
    s3.abort_multipart_upload(**upload)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        send(s3, upload, 2, b"b")
    assert list(parts_folder(corrected.stack).iterdir()) == []


def test_parts_are_not_held_in_memory(corrected):
    assert _growth_by_parts(corrected) < 3 * PART


def test_the_bare_emulator_still_holds_parts_in_memory(bare):
    assert _growth_by_parts(bare) > 6 * PART


def _growth_by_parts(target):
    """Send eight parts; answers by how many bytes the emulator's memory grew, mapped files not counted."""
    s3, upload = begun(target)
    send(s3, upload, 1, b"a")  # what handling any part takes stays with the process
    before = target.memory()
    for number in range(2, 10):
        send(s3, upload, number, b"b")
    grown = target.memory() - before
    s3.abort_multipart_upload(**upload)
    return grown
