"""What a large upload takes, broken off in the middle and resumed: `.venv/bin/python -m bench.uploads`.

Starts a stack of its own (other ports, a temporary folder with room for the file twice), makes a film of that size, of
which all but a little is padding that players skip, and sends it in parts one after the other as a client would:
half of them, then the connection breaks within a part, then a client that remembers nothing but the film's id asks
what has arrived, gets fresh addresses and sends the rest. The floor is the same bytes in the same parts by the raw
calls of S3. Claims: the film becomes ready, no part is sent twice but the broken one, and a form of 2 GB is refused
before its body is sent.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bench import figures
from bench import stack as own_stack
from localstack import demo_film
from tests.media import BINARIES
from tests.stack import Client, Stack, running

T = TypeVar("T")
_TWO_GIGABYTES = 2 * 1024**3
_BOX_HEADER = 16  # bytes: 1, the type, and the size in 64 bits (ISO/IEC 14496-12, section 4.2)


@dataclass(frozen=True)
class Content:
    """A film of `size` bytes: a short one, and behind it a box named free, which players skip."""

    film: bytes
    size: int

    def part(self, number: int, length: int) -> bytes:
        """Return part `number` (from 1) of so many bytes each; the last one is shorter."""
        head = self.film + (1).to_bytes(4, "big") + b"free" + (self.size - len(self.film)).to_bytes(8, "big")
        start = (number - 1) * length
        length = min(length, self.size - start)
        return head[start : start + length].ljust(length, b"\0")


def put(url: str, body: bytes, *, broken: bool = False) -> str:
    """PUT a part; returns its etag. `broken`: the connection ends in the middle of it, and there is none."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=120)
    connection.putrequest("PUT", f"{where.path}?{where.query}", skip_accept_encoding=True)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[: len(body) // 2] if broken else body)
    if broken:
        connection.close()
        return ""
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"a part was refused: {answer.status} {said.decode()}")
    return str(answer.getheader("ETag"))


def send(content: Content, length: int, parts: Iterable[dict[str, Any]]) -> list[dict[str, object]]:
    """PUT parts one after the other; returns what `complete` wants to know of each."""
    return [
        {"number": part["number"], "etag": put(part["url"], content.part(part["number"], length))} for part in parts
    ]


def timed(name: str, run: Callable[[], T]) -> T:
    """Run and print how long it took."""
    began = time.monotonic()
    result = run()
    took = time.monotonic() - began
    print(f"{name:<56}{took:8.2f} s", flush=True)
    figures.keep(f"1 GB: {name}", took, "s")
    return result


def upload(client: Client, content: Content) -> int:
    """Upload the film with an interruption; returns its id."""
    said = {"title": "Large", "size": content.size, "content_type": "video/mp4"}
    answer = timed("POST video/", lambda: client.post("/api/video/", said))
    announced = answer.json()
    film_id, told = announced["id"], announced["upload"]
    parts, length, base = told["parts"], told["part_size"], f"/api/video/{announced['id']}/upload"
    print(f"  {len(parts)} parts of {length // 1024**2} MiB, an answer of {len(answer.body) // 1024} KiB")
    half = len(parts) // 2
    timed(f"PUT of {half} parts", lambda: send(content, length, parts[:half]))
    put(parts[half]["url"], content.part(half + 1, length), broken=True)

    arrived = timed("GET upload/parts/", lambda: client.get(f"{base}/parts/")).json()
    there = [part["number"] for part in arrived["parts"]]
    if there != list(range(1, half + 1)):
        raise RuntimeError(f"parts 1 to {half} were sent, and {there} are there")
    missing = {"numbers": [number for number in range(1, arrived["part_count"] + 1) if number not in there]}
    fresh = timed("POST upload/parts/", lambda: client.post(f"{base}/parts/", missing)).json()["parts"]
    rest = timed(f"PUT of the other {len(fresh)} parts", lambda: send(content, length, fresh))
    every = {"parts": [{"number": part["number"], "etag": part["etag"]} for part in arrived["parts"]] + rest}
    done = timed("POST upload/complete/", lambda: client.call("POST", f"{base}/complete/", every))
    if done.status != 200:
        raise RuntimeError(f"complete answered {done.status}: {done.body.decode()}")
    return int(film_id)


def raw(stack: Stack, content: Content, length: int) -> None:
    """Send the same bytes in the same parts, with nobody's help but S3's; into the bucket that starts nothing."""
    s3 = own_stack.s3(stack.aws_url)
    where: Any = {"Bucket": "videoflix-media", "Key": "bench/floor"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    tags: list[Any] = []
    for number in range(1, -(-content.size // length) + 1):
        etag = s3.upload_part(**where, PartNumber=number, Body=content.part(number, length))["ETag"]
        tags.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": tags})
    s3.delete_object(Bucket=where["Bucket"], Key=where["Key"])


def refused_form(stack: Stack, client: Client, film_id: int) -> int:
    """Announce a form of 2 GB and send nothing of it; returns the status that came back all the same."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.api, timeout=60)
    connection.putrequest("POST", f"/api/videos/{film_id}/upload/")
    connection.putheader("Cookie", "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.jar))
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(_TWO_GIGABYTES))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def main() -> int:
    """Measure and print; return 1 if a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1024, help="size of the film, from 101")
    size = parser.parse_args().megabytes * 1024**2
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        folder = Path(name)
        demo_film.draw(folder / "film.mp4", ffmpeg=BINARIES / "ffmpeg")
        content = Content((folder / "film.mp4").read_bytes(), size)
        with running(folder / "state") as stack:
            client = stack.newcomer()
            client.patience = 300  # where the emulator copies a gigabyte, others wait
            film_id = upload(client, content)
            status = timed("until the film is ready", lambda: stack.finished(client, film_id, timeout=1800))
            refused = timed("a form of 2 GB, refused", lambda: refused_form(stack, client, film_id))
            timed("floor: the same parts by S3's raw calls", lambda: raw(stack, content, 8 * 1024**2))
    print(f"the film is {status['state']}; the form of 2 GB got {refused}")
    return 0 if (status["state"], refused) == ("ready", 413) else 1


if __name__ == "__main__":
    sys.exit(main())
