"""Films sent straight to storage: with the addresses, signatures and permissions that browsers meet."""

import json
import socket
import urllib.error
import urllib.request
from http.client import HTTPResponse
from typing import Any

import pytest

from tests.media import ffmpeg
from tests.stack import Client, Reply, Stack, eventually

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("film") / "film.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=24:duration=4"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(target)),
    )
    return target.read_bytes()


@pytest.fixture
def somebody(stack: Stack) -> Client:
    """A user of this test's own: uploads are limited by user."""
    return stack.newcomer()


def begin(client: Client, size: int) -> dict[str, Any]:
    answer = client.post("/api/video/", {"title": "Mine", "publish": True, "size": size, "content_type": "video/mp4"})
    assert answer.status == 201, answer.body
    return answer.json()


def send(method: str, url: str, body: bytes, **headers: str) -> Reply:
    request = urllib.request.Request(url, body, {n.replace("_", "-"): v for n, v in headers.items()}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())


def form(fields: dict[str, str], content: bytes) -> tuple[bytes, str]:
    lines = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    file = '--b\r\nContent-Disposition: form-data; name="file"; filename="f.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    return ("".join(lines) + file).encode() + content + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


def post_form(stack: Stack, upload: dict[str, Any], content: bytes, **changed: str) -> Reply:
    body, kind = form({**upload["fields"], **changed}, content)
    return send("POST", upload["url"], body, Content_Type=kind, Origin=f"http://127.0.0.1:{stack.web}")


def state(client: Client, film_id: int) -> str:
    return client.get(f"/api/video/{film_id}/status/").json()["state"]


def plays(client: Client, film_id: int) -> None:
    playlist = client.get(f"/api/video/{film_id}/480p/index.m3u8")
    assert playlist.status == 200, playlist.body
    segment = next(line for line in playlist.body.decode().splitlines() if line.startswith("http"))
    assert client.get(segment).body[:1] == b"\x47", "MPEG-TS begins with its sync byte"


def test_a_film_sent_by_a_signed_form_plays(stack: Stack, somebody: Client, film: bytes) -> None:
    announced = begin(somebody, len(film))
    assert state(somebody, announced["id"]) == "uploading"
    sent = post_form(stack, announced["upload"], film)
    assert sent.status in (200, 201, 204), sent.body
    assert sent.headers["access-control-allow-origin"] == f"http://127.0.0.1:{stack.web}", "or no browser may send it"
    assert stack.finished(somebody, announced["id"])["state"] == "ready"
    plays(somebody, announced["id"])
    listed = somebody.get("/api/video/").json()
    assert [one["title"] for one in listed if one["id"] == announced["id"]] == ["Mine"]


def test_a_film_sent_by_one_put_arrives(somebody: Client, stack: Stack, film: bytes) -> None:
    announced = begin(somebody, len(film))
    assert send("PUT", announced["upload"]["put_url"], film).status == 200
    assert stack.finished(somebody, announced["id"])["state"] == "ready"


def test_the_address_of_an_upload_takes_no_second_film(somebody: Client, stack: Stack, film: bytes) -> None:
    announced = begin(somebody, len(film))
    assert send("PUT", announced["upload"]["put_url"], film).status == 200
    assert stack.finished(somebody, announced["id"])["state"] == "ready"
    assert send("PUT", announced["upload"]["put_url"], film[::-1]).status == 200
    eventually(lambda: True if state(somebody, announced["id"]) == "failed" else None, timeout=60)
    status = somebody.get(f"/api/video/{announced['id']}/status/").json()
    assert status["failure"]["code"] == "not_announced"
    plays(somebody, announced["id"])


def test_storage_refuses_more_bytes_than_announced_and_any_other_key(
    stack: Stack, somebody: Client, film: bytes
) -> None:
    announced = begin(somebody, len(film))
    assert post_form(stack, announced["upload"], film + b"x").status == 400
    assert send("PUT", announced["upload"]["put_url"], film + b"x").status == 403
    assert post_form(stack, announced["upload"], film, key="film.mp4").status == 403
    assert post_form(stack, announced["upload"], film, key="api/1/stolen").status == 403
    assert send("PUT", f"{stack.aws_url}/videoflix-uploads/api/1/stolen", film).status == 403
    assert state(somebody, announced["id"]) == "uploading"


def test_an_interrupted_upload_in_parts_goes_on_and_plays(stack: Stack, somebody: Client, film: bytes) -> None:
    # a box named free, which players skip, makes a film of any size (ISO/IEC 14496-12, 8.1.2)
    padding = 100 * MIB + 1000 - len(film)
    content = film + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8)
    announced = begin(somebody, len(content))
    film_id, upload = announced["id"], announced["upload"]
    size, base = upload["part_size"], f"/api/video/{announced['id']}/upload"

    def put(number: int, url: str) -> dict[str, Any]:
        answer = send("PUT", url, content[(number - 1) * size : number * size], Origin=f"http://127.0.0.1:{stack.web}")
        assert answer.status == 200, answer.body
        assert "etag" in answer.headers["access-control-expose-headers"].lower(), "or no browser may read it"
        return {"number": number, "etag": answer.headers["etag"]}

    put(1, upload["parts"][0]["url"])
    arrived = somebody.get(f"{base}/parts/").json()["parts"]
    assert [part["number"] for part in arrived] == [1]
    missing = [part["number"] for part in upload["parts"] if part["number"] != 1]
    fresh = somebody.post(f"{base}/parts/", {"numbers": missing}).json()["parts"]
    parts = arrived + [put(part["number"], part["url"]) for part in fresh]
    stranger = stack.newcomer()
    for step in ("complete", "abort", "parts"):
        assert stranger.post(f"{base}/{step}/", {"parts": parts, "numbers": [1]}).status == 403
    wrong = [{"number": 1, "etag": '"0"'}, *parts[1:]]
    assert somebody.post(f"{base}/complete/", {"parts": wrong}).status == 400
    for _ in range(2):
        done = somebody.post(f"{base}/complete/", {"parts": parts})
        assert done.status == 200, done.body
    assert stack.finished(somebody, film_id)["state"] == "ready"
    plays(somebody, film_id)


def test_an_aborted_upload_leaves_nothing(stack: Stack, somebody: Client) -> None:
    announced = begin(somebody, 101 * MIB)
    part = announced["upload"]["parts"][0]
    assert send("PUT", part["url"], b"x" * 100).status == 403, "a part has one length"
    whole = bytes(announced["upload"]["part_size"])
    assert send("PUT", part["url"], whole).status == 200
    for _ in range(2):
        assert somebody.post(f"/api/video/{announced['id']}/upload/abort/", {}).status == 200
    assert send("PUT", part["url"], whole).status == 404
    assert state(somebody, announced["id"]) == "failed"


def test_the_originals_form_replaces_a_film_and_a_larger_one_is_refused(stack: Stack, film: bytes) -> None:
    client = stack.newcomer()
    announced = begin(client, 101 * MIB)
    url = f"{client.base}/api/videos/{announced['id']}/upload/"
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.jar)
    body, kind = form({}, film)
    answer = send("POST", url, body, Content_Type=kind, Cookie=cookies)
    assert (answer.status, answer.json()) == (201, {"detail": "Upload ok", "video_id": announced["id"]})
    too_large, kind = form({}, bytes(10 * MIB))
    refused = send("POST", url, too_large, Content_Type=kind, Cookie=cookies)
    assert refused.status == 413
    assert "POST /api/video/" in refused.json()["errors"]["non_field_errors"][0]
    assert stack.finished(client, announced["id"])["state"] == "ready"
    plays(client, announced["id"])


def test_a_form_of_two_gigabytes_is_refused_before_it_is_sent(stack: Stack, somebody: Client) -> None:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in somebody.jar)
    head = (
        f"POST /api/videos/1/upload/ HTTP/1.1\r\nHost: 127.0.0.1:{stack.api}\r\nCookie: {cookies}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 2147483648\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", stack.api), timeout=30) as wire:
        wire.sendall(head.encode())  # and not a byte of the body
        answer = HTTPResponse(wire)
        answer.begin()
        said = json.loads(answer.read1())
    assert answer.status == 413
    assert "upload it straight to S3" in said["errors"]["non_field_errors"][0]


def test_forged_keys_and_metadata_change_nobodys_film(stack: Stack, somebody: Client) -> None:
    announced = begin(somebody, 10)
    before = stack.films()
    key = f"api/{announced['id']}/guessed"
    said = {"title": "Stolen", "owner": "demo@videoflix.local", "publish": "true"}
    stack.service("s3").put_object(Bucket="videoflix-uploads", Key=key, Body=b"no film", Metadata=said)
    stack.registered(key)
    after = {one["id"]: one for one in stack.films()}
    assert [after[one["id"]] for one in before] == before
    assert "Stolen" not in [one["title"] for one in after.values()]
