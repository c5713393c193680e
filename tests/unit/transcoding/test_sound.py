"""Encoding the sound before its chunks, with a stand-in for ffmpeg that writes as ffmpeg's own muxer does."""

import sys
from pathlib import Path

import pytest

from functions.catalogue.layout import sound_key
from functions.settings import current
from functions.transcoding import sound
from functions.transcoding.source import Input
from functions.transcoding.storage import Shelf
from tests.unit.clients import client
from tests.unit.transcoding.builders import in_chunks

_STAND_IN = f"""#!{sys.executable}
import time
for number in range(2):
    with open(f"{{number:05d}}.aac", "wb") as file:
        file.write(b"half")
        file.flush()
        print(f"{{number:05d}}.aac", flush=True)
        time.sleep(0.3)
        file.write(b"rest")
"""


@pytest.mark.usefixtures("tables")
def test_a_chunks_sound_is_taken_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ffmpeg names a file before it has written it to its end: a film would fall silent where its chunks meet."""
    (tmp_path / "ffmpeg").write_text(_STAND_IN)
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    plan = in_chunks(container="matroska")
    sound.make(plan, Input("http://127.0.0.1/film", ()), Shelf(1, "v"), lambda: None)
    media = client("s3")
    for chunk in range(2):
        stored = media.get_object(Bucket=current().media_bucket, Key=sound_key(1, "v", chunk))
        assert stored["Body"].read() == b"halfrest"
