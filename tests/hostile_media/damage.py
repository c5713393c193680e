"""Damage that needs no malice: broken-off transfers, turned bits, lost and repeated parts, files that are none."""

import gzip
import io
import os
import random
import zipfile

from tests.hostile_media.corpus import Workshop, hostile
from tests.hostile_media.seeds import SEEDS

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "1"))
"""How many damaged copies are made of each seed; `make fuzz` makes more."""
FIRST = int(os.environ.get("FUZZ_SEED", "1"))
"""The first throw of the die; the same throws make the same files."""

_THROWS = [f"{name}-{throw}" for name in SEEDS for throw in range(FIRST, FIRST + ROUNDS)]


@hostile(".bin")
def empty(_shop: Workshop) -> bytes:
    """No byte at all."""
    return b""


@hostile(".mp4", 0, 26)
def one_byte(_shop: Workshop, value: int) -> bytes:
    """A single byte."""
    return bytes([value])


@hostile(".mp4", "mp4-300", "moov_last-5000", "mkv-600", "ts-5000", "avi-2000", "fragments-7000")
def cut_off(shop: Workshop, where: str) -> bytes:
    """A transfer that ended early: within the header, the index, or the pictures."""
    name, length = where.split("-")
    return shop.seed(name)[: int(length)]


@hostile(".mp4", "mp4", "mkv", "ts")
def headless(shop: Workshop, name: str) -> bytes:
    """A film whose first third is missing."""
    data = shop.seed(name)
    return data[len(data) // 3 :]


@hostile(".mp4", *_THROWS)
def damaged(shop: Workshop, throw: str) -> bytearray:
    """A film with turned bits, other bytes in its header, or a part lost, doubled or misplaced: a die decides."""
    die = random.Random(throw)
    data = shop.seed(throw.rsplit("-", 1)[0])
    die.choice((_turn_bits, _write_over, _move_part))(data, die)
    return data


def _turn_bits(data: bytearray, die: random.Random) -> None:
    for _ in range(die.choice((1, 4, 20, 100))):
        data[die.randrange(len(data))] ^= 1 << die.randrange(8)


def _write_over(data: bytearray, die: random.Random) -> None:
    for _ in range(die.choice((1, 3, 9))):
        data[die.randrange(1000)] = die.choice((0, 1, 0x7F, 0x80, 0xFF, die.randrange(256)))


def _move_part(data: bytearray, die: random.Random) -> None:
    length = die.randrange(1, len(data) // 4)
    begin = die.randrange(len(data) - length)
    part = data[begin : begin + length]
    if die.choice((True, False)):
        del data[begin : begin + length]
    place = die.randrange(len(data))
    data[place:place] = part


@hostile(".mp4")
def noise(_shop: Workshop) -> bytes:
    """Bytes of a die."""
    return random.Random(8).randbytes(50_000)


@hostile(".mp4")
def zeros(_shop: Workshop) -> bytes:
    """Nothing, and much of it."""
    return bytes(300_000)


@hostile(".mp4")
def two_films_in_one(shop: Workshop) -> bytes:
    """A film, and another one of another kind behind it."""
    return shop.seed("mp4") + shop.seed("mkv") + shop.seed("ts")


@hostile(".ts")
def other_film_inside(shop: Workshop) -> bytes:
    """A transport stream that becomes another film in its middle."""
    other = shop.drawn("-f", "lavfi", "-i", "testsrc2=s=128x96:r=25:d=0.5", "-c:v", "mpeg2video", suffix=".ts")
    return shop.seed("ts") + other


@hostile(".zip")
def archive(shop: Workshop) -> bytes:
    """A film in a zip, whose entry climbs out of any folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("../../../../tmp/film.mp4", bytes(shop.seed("mp4")))
    return target.getvalue()


@hostile(".mp4.gz")
def compressed(shop: Workshop) -> bytes:
    """A film in gzip; ten megabytes of nothing behind it, in some kilobytes."""
    return gzip.compress(bytes(shop.seed("mp4")) + bytes(10_000_000))
