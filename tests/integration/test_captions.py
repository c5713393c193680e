"""Captions on a whole stack: dropped into the bucket beside the demo film, served from storage, gone when removed."""

from pathlib import Path

import pytest

from tests.stack import Stack, eventually

SRT = "1\n00:00:01,000 --> 00:00:02,000\nGood evening\n"


@pytest.fixture
def film(stack: Stack) -> dict:
    return next(film for film in stack.films() if "Mandelbrot" in film["title"])


def test_a_file_dropped_beside_a_film_becomes_its_captions_until_they_are_removed(
    stack: Stack, film: dict, tmp_path: Path
) -> None:
    """Ingest may read the file and store what it makes of it; the API may serve and remove both."""
    stem = film["source_key"].rpartition(".")[0]
    file = tmp_path / "captions.srt"
    file.write_text(SRT)
    films = len(stack.films())
    stack.aws_cli("s3", "cp", str(file), f"s3://videoflix-uploads/{stem}.eng.srt")
    client = stack.demo()
    path = f"/api/video/{film['id']}/captions/"
    eventually(lambda: next((c for c in client.get(path).json() if c["language"] == "en"), None), timeout=60)
    assert len(stack.films()) == films
    assert 'LANGUAGE="en"' in client.get(f"/api/video/{film['id']}/master.m3u8").body.decode()
    playlist = client.get(f"{path}en/index.m3u8").body.decode()
    (url,) = [line for line in playlist.splitlines() if line.startswith("http")]
    answer = stack.client().get(url)
    assert answer.headers["content-type"].startswith("text/vtt")
    assert "00:00:01.000 --> 00:00:02.000\nGood evening" in answer.body.decode()
    assert stack.client().get(url.partition("?")[0]).status == 403
    assert client.call("DELETE", f"{path}en/").status == 204
    assert client.get(f"{path}en/").status == 404
    kept = stack.service("s3").list_objects_v2(Bucket="videoflix-uploads")["Contents"]
    assert f"{stem}.eng.srt" not in {one["Key"] for one in kept}
