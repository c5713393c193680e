"""Memory and temporary space of a worker, on a source of 2 GB that it reads by range from a server.

Twice: with a store that takes everything at once, and with one that takes nothing until the encoder has come to rest,
as it has to when S3 does not answer. Linux only: memory is the resident size of the worker and all its children
together, from /proc, twenty times a second, and at least the largest that the system itself has seen of any of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.transcode import tools
from bench.transcode.report import Report

MEMORY, SPACE = 1024.0, 64.0  # MB
_SIZE = 2 << 30
_INTERVAL = 0.05
_PIECE = 1 << 20


def measure(file: Path, report: Report) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        folder = Path(name)
        large = _large(file, folder)
        print(f"source: {large.stat().st_size / 1e9:.2f} GB", flush=True)
        memory = space = 0.0
        with _served(large) as url:
            for how in ("prompt", "stalled"):
                took = _worked(url, how, folder / how)
                memory, space = max(memory, took[0]), max(space, took[1])
                report.line(f"{how} store: {took[0]:.0f} MB of memory, {took[1]:.1f} MB of temporary files")
        report.claim("memory", memory, MEMORY, " MB")
        report.claim("temporary files", space, SPACE, " MB")


def _large(file: Path, folder: Path) -> Path:
    """Return a film of 2 GB: ten seconds at a bit rate that no camera reaches, again and again."""
    heavy, large = folder / "heavy.mkv", folder / "large.mp4"
    tools.ffmpeg("-i", str(file), "-t", "10", "-map", "0:v:0", "-map", "0:a:0?", "-c:v", "libx264", "-preset",
                 "ultrafast", "-crf", "1", "-g", "48", "-c:a", "aac", str(heavy))  # fmt: skip
    times = _SIZE // heavy.stat().st_size
    tools.ffmpeg("-stream_loop", str(times), "-i", str(heavy), "-c", "copy", str(large))
    heavy.unlink()
    return large


def _worked(url: str, how: str, folder: Path) -> tuple[float, float]:
    """Let a worker do its steps; return the peaks of memory and of temporary files, in MB."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    argv = [sys.executable, "-m", "bench.transcode.worker", url, str(folder / "shelf"), how]
    worker = subprocess.Popen(argv, env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.PIPE, text=True)
    memory = space = 0
    while worker.poll() is None:
        memory, space = max(memory, _resident(worker.pid)), max(space, held(temporary))
        try:
            worker.wait(_INTERVAL)
        except subprocess.TimeoutExpired:
            continue
    said = worker.stdout.read() if worker.stdout else ""
    if worker.returncode:
        sys.exit(f"the worker ended with {worker.returncode}")
    return max(memory / 1e6, json.loads(said)["largest_bytes"] / 1e6), space / 1e6


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _children(task)]
    except (OSError, IndexError):
        return 0  # it has just ended
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(map(_resident, children))


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []


def held(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except FileNotFoundError:
                continue  # it was stored meanwhile
    return total


@contextmanager
def _served(file: Path) -> Iterator[str]:
    """Serve a file by range, as S3 does."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            size = file.stat().st_size
            begin, _, end = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
            first, last = int(begin), int(end or size - 1)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.send_header("Content-Length", str(last + 1 - first))
            self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            try:
                with file.open("rb") as stream:
                    stream.seek(first)
                    while (left := last + 1 - stream.tell()) > 0:
                        self.wfile.write(stream.read(min(left, _PIECE)))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the reader goes on at another place

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/film.mp4"
        server.shutdown()
