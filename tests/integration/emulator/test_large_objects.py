"""Reading from a large film costs what is read, not the whole film: neither in memory nor in everybody's time."""

import contextlib
import os
import random

import pytest
from botocore.exceptions import ClientError

SIZE = 96 * 1024**2


@pytest.fixture(scope="module")
def film(corrected):
    """The bytes of a large object, written in two parts; the second half is told from the first."""
    content = random.Random(1).randbytes(1024**2) * (SIZE // 1024**2 - 1) + os.urandom(1024**2)
    s3 = corrected.client("s3")
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="film.mp4", Body=content, ContentType="video/mp4")
    return content


def test_the_whole_and_every_range_are_the_bytes_that_were_written(corrected, film):
    s3 = corrected.client("s3")
    whole = s3.get_object(Bucket="large", Key="film.mp4")
    assert (whole["ContentLength"], whole["ContentType"]) == (SIZE, "video/mp4")
    assert whole["Body"].read() == film
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        (f"bytes={SIZE // 2}-{SIZE // 2 + 5_000_000}", SIZE // 2, SIZE // 2 + 5_000_001),
        (f"bytes={SIZE - 10}-", SIZE - 10, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
    ):
        part = s3.get_object(Bucket="large", Key="film.mp4", Range=asked)
        assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert part["ContentRange"] == f"bytes {start}-{end - 1}/{SIZE}"
        assert part["Body"].read() == film[start:end]
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket="large", Key="film.mp4", Range=f"bytes={SIZE}-")
    assert s3.head_object(Bucket="large", Key="film.mp4")["ContentLength"] == SIZE


def test_readers_that_hang_up_after_a_few_bytes_cost_no_memory(corrected, film):
    """As ffmpeg does at each seek."""
    s3 = corrected.client("s3")
    before = corrected.memory()
    readers = [s3.get_object(Bucket="large", Key="film.mp4", Range=f"bytes={n}-")["Body"] for n in range(8)]
    assert [reader.read(4) for reader in readers] == [film[n : n + 4] for n in range(8)]
    assert corrected.memory() - before < SIZE / 2, "the film is held for each of its readers"
    for reader in readers:
        with contextlib.suppress(Exception):
            reader.close()
    assert s3.get_object(Bucket="large", Key="film.mp4", Range="bytes=1-3")["Body"].read() == film[1:4]


def test_a_film_that_is_replaced_while_somebody_reads_it_stays_whole_for_them(corrected, film):
    s3 = corrected.client("s3")
    s3.put_object(Bucket="large", Key="replaced.mp4", Body=film)
    reader = s3.get_object(Bucket="large", Key="replaced.mp4")["Body"]
    begun = reader.read(4)
    s3.put_object(Bucket="large", Key="replaced.mp4", Body=b"short")
    assert begun + reader.read() == film
    assert s3.get_object(Bucket="large", Key="replaced.mp4")["Body"].read() == b"short"
