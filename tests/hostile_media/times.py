"""Times that jump, stand still or run backwards."""

import struct
from collections.abc import Callable

from tests.hostile_media import mp4
from tests.hostile_media.corpus import Workshop, hostile

_SMALL = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5", "-c:v", "libx264", "-preset", "ultrafast")

# For each frame in turn: by how many ticks (of 12,800 in a second) it is shown later than it is decoded.
_SHIFTS: dict[str, Callable[[int], int]] = {
    "years": lambda number: 0x7FFFFFFF if number == 3 else 0,
    "before": lambda number: -0x7FFFFFFF if number == 3 else 0,
    "zigzag": lambda number: 200_000 * (-1) ** number,
    "same": lambda number: -1280 * number,
}


@hostile(".ts", "0-60-0", "40000-0", "0-95443")
def jumping_clock(shop: Workshop, offsets: str) -> bytes:
    """A transport stream whose clock jumps: ahead by minutes, back to the start, over its own end (26.5 hours)."""
    return b"".join(
        shop.drawn(*_SMALL, "-output_ts_offset", offset, "-muxdelay", "0", suffix=".ts")
        for offset in offsets.split("-")
    )


@hostile(".mp4", *_SHIFTS)
def shifted_frames(shop: Workshop, how: str) -> bytearray:
    """An MP4 whose frames are shown years after they are decoded, long before, in zigzag, or all at once."""
    data, shift = shop.seed("moov_last"), _SHIFTS[how]
    entries = b"".join(struct.pack(">Ii", 1, shift(number)) for number in range(8))
    shifts = mp4.box(b"ctts", struct.pack(">II", 1 << 24, 8), entries)
    return mp4.grown(data, shifts, (b"moov", b"trak", b"mdia", b"minf", b"stbl"))


@hostile(".mp4", "gaps", "one_day", "overflow")
def uneven_frames(shop: Workshop, how: str) -> bytearray:
    """An MP4 with a gap of a minute after each frame, one of a day, or lengths whose sum no number holds."""
    gap = {"gaps": 60 * 10240, "one_day": 86_400 * 10240, "overflow": 0xFFFFFFFF}[how]
    lengths = [gap if how != "one_day" or number == 4 else 1024 for number in range(8)]
    entries = b"".join(struct.pack(">II", 1, length) for length in lengths)
    table = mp4.box(b"stts", struct.pack(">II", 0, len(lengths)), entries)
    outer = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
    return mp4.replaced(shop.seed("moov_last"), b"stts", table, outer)


@hostile(".mp4")
def million_frames_without_a_byte(shop: Workshop) -> bytearray:
    """A table of samples that repeats one length two million times, for eight frames."""
    data = shop.seed("mp4")
    return mp4.put(data, mp4.content(data, b"stts") + 8, "I", 2_000_000)


@hostile(".mp4", 0, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
def fragment_of_a_false_time(shop: Workshop, ticks: int) -> bytearray:
    """A fragmented MP4 whose second fragment begins where the first did, at the end of time, or before the film."""
    data = shop.seed("fragments")
    return mp4.put(data, mp4.content(data, b"tfdt", 2) + 4, "Q", ticks)


@hostile(".mp4", 0x7FFFFFFF, 0xFFFFFFFF)
def fragment_of_many_samples(shop: Workshop, count: int) -> bytearray:
    """A fragment that says to have two thousand million samples."""
    data = shop.seed("fragments")
    return mp4.put(data, mp4.content(data, b"trun") + 4, "I", count)


@hostile(".mkv")
def many_gaps(shop: Workshop) -> bytes:
    """A film at a thousand frames a second by its clock, which shows one every three seconds."""
    picture = "testsrc2=s=64x48:r=10:d=1,settb=1/1000,setpts='N*3000+mod(N,7)'"
    return shop.drawn(
        "-f", "lavfi", "-i", picture, "-fps_mode", "passthrough", "-enc_time_base", "1/1000", *_SMALL[4:], suffix=".mkv"
    )


@hostile(".avi")
def frames_of_no_byte(shop: Workshop) -> bytearray:
    """An AVI whose index names twenty thousand frames that are empty: each repeats the one before."""
    data = shop.seed("avi")
    end = data.index(b"idx1")
    empty = b"00dc\0\0\0\0" * 20_000
    movi = data.index(b"movi")
    struct.pack_into("<I", data, movi - 4, struct.unpack_from("<I", data, movi - 4)[0] + len(empty))
    data[end:] = empty
    return data
