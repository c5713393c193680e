"""Headers that lie: sizes of boxes and elements, of pictures, rates, lengths and times."""

import struct

from tests.hostile_media import ebml, mp4
from tests.hostile_media.corpus import Workshop, hostile

_ZERO, _HUGE, _NEGATIVE = 0, 0x7FFFFFFF, 0xFFFFFFFF


@hostile(".mp4", *(f"{kind}-{size}" for kind in ("moov", "stsd", "mdat") for size in (_ZERO, 7, _HUGE)))
def box_of_a_false_size(shop: Workshop, what: str) -> bytearray:
    """A box of an MP4 that says to have no byte, fewer than its own header, or more than the file."""
    kind, size = what.split("-")
    data = shop.seed("mp4")
    return mp4.put(data, mp4.content(data, kind.encode()) - 8, "I", int(size))


@hostile(".mp4", 2**63 - 1, 3)
def box_of_a_false_large_size(shop: Workshop, size: int) -> bytes:
    """A box with a size of 64 bits, beyond what any file has."""
    return mp4.box(b"ftyp", b"isom\0\0\2\0isom") + struct.pack(">I4sQ", 1, b"moov", size) + shop.seed("mp4")


@hostile(".mp4", *(f"{kind}-{count}" for kind in ("stts", "stsz", "stsc", "stco") for count in (_NEGATIVE,)))
def table_of_a_false_length(shop: Workshop, what: str) -> bytearray:
    """A table of samples that says to have two thousand million entries."""
    kind, count = what.split("-")
    data = shop.seed("mp4")
    place = mp4.content(data, kind.encode()) + (8 if kind == "stsz" else 4)
    return mp4.put(data, place, "I", int(count))


@hostile(".mp4")
def samples_of_a_huge_size(shop: Workshop) -> bytearray:
    """Frames that say to have two gigabytes each."""
    data = shop.seed("mp4")
    return mp4.put(data, mp4.content(data, b"stsz") + 4, "II", _HUGE, 8)


@hostile(".mp4", 0x7FFFFFFF, 0xFFFFFFF0)
def samples_behind_the_end(shop: Workshop, offset: int) -> bytearray:
    """Frames that lie where the file has none."""
    data = shop.seed("mp4")
    return mp4.put(data, mp4.content(data, b"stco") + 8, "I", offset)


@hostile(".mp4")
def boxes_in_boxes(_shop: Workshop) -> bytes:
    """Ten thousand boxes, each within the one before."""
    inside = b""
    for _ in range(10_000):
        inside = mp4.box(b"moov", inside)
    return mp4.box(b"ftyp", b"isom\0\0\2\0isom") + inside


@hostile(".mkv", "01fffffffffffffe", "0100000000000000", "0000000000000000", "ffffffffffffffff")
def segment_of_a_false_size(shop: Workshop, length: str) -> bytearray:
    """A Matroska segment that is as large as any can be, empty, or of no size that the format knows."""
    return ebml.resized(shop.seed("mkv"), bytes.fromhex(length), ebml.SEGMENT)


@hostile(".mkv", "0000", "7ffe", "4000", "ffff")
def cluster_of_a_false_size(shop: Workshop, length: str) -> bytearray:
    """A cluster with another size than it has."""
    return ebml.resized(shop.seed("mkv"), bytes.fromhex(length), ebml.SEGMENT, ebml.CLUSTER)


@hostile(".mkv")
def elements_in_elements(shop: Workshop) -> bytes:
    """Tags within tags within tags, deeper than any program should follow."""
    inside = b""
    for _ in range(5_000):
        inside = ebml.element(ebml.SIMPLE_TAG, inside)
    return ebml.extended(shop.seed("mkv"), ebml.element(ebml.TAGS, ebml.element(ebml.TAG, inside)))


@hostile(".mp4", "65535x65535", "1x1", "0x0")
def entry_of_a_false_picture_size(shop: Workshop, size: str) -> bytearray:
    """An MP4 whose description of the picture says another size than its pictures have."""
    width, height = map(int, size.split("x"))
    data = shop.seed("mp4")
    return mp4.put(data, mp4.content(data, b"avc1") + 24, "HH", width, height)


@hostile(".mkv", "65535x65535", "1x1", "0x0")
def track_of_a_false_picture_size(shop: Workshop, size: str) -> bytearray:
    """A Matroska track that says another size than its pictures have."""
    width, height = (int(side).to_bytes(8, "big") for side in size.split("x"))
    video = (ebml.SEGMENT, ebml.TRACKS, ebml.TRACK, ebml.VIDEO)
    return ebml.put(ebml.put(shop.seed("mkv"), width, *video, ebml.WIDTH), height, *video, ebml.HEIGHT)


@hostile(".mp4", "100000:1", "1:100000")
def absurd_aspect(shop: Workshop, aspect: str) -> bytes:
    """Pixels that are a hundred thousand times as wide as high, or the other way round."""
    shape = aspect.replace(":", "/")
    drawn = ("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=10:d=0.4,setsar={shape}:max=100000", "-c:v", "mpeg4")
    return shop.drawn(*drawn, suffix=".mkv")


@hostile(".mp4", 0, 0x7FFFFFFF, 0xFFFFFFFF)
def frames_that_last(shop: Workshop, ticks: int) -> bytearray:
    """Frames that say to last no time, or for years."""
    data = shop.seed("picture_only")
    return mp4.put(data, mp4.content(data, b"stts") + 12, "I", ticks)


@hostile(".mp4", 0, 1, 0x7FFFFFFF)
def clock_of_a_false_rate(shop: Workshop, ticks: int) -> bytearray:
    """A track whose clock stands still, has one tick in a second, or two thousand million: a rate of next to nothing or
    of millions of frames a second."""
    data = shop.seed("picture_only")
    return mp4.put(data, mp4.content(data, b"mdhd") + 12, "I", ticks)


@hostile(".mp4", "mvhd-0", "mvhd-4294967295", "mdhd-0", "mdhd-4294967295", "mdhd-2147483648")
def header_of_a_false_length(shop: Workshop, what: str) -> bytearray:
    """A film, or a track, that says to last no time, for months, or a negative time."""
    kind, ticks = what.split("-")
    data = shop.seed("picture_only")
    return mp4.put(data, mp4.content(data, kind.encode()) + 16, "I", int(ticks))


@hostile(".mov", "7fffffff-0", "00000000-0", "00000001-7fffffff", "00000320-ffffff00")
def edit_of_a_false_time(shop: Workshop, what: str) -> bytearray:
    """An edit list that shows a moment for years, none at all, or one from before the beginning."""
    lasts, begins = (int(part, 16) for part in what.split("-"))
    data = shop.seed("edit_list")
    return mp4.put(data, mp4.content(data, b"elst") + 8, "II", lasts, begins)


@hostile(".mov")
def thousands_of_edits(shop: Workshop) -> bytearray:
    """An edit list that says to show the film twenty thousand times."""
    data = shop.seed("edit_list")
    entries = struct.pack(">IIHH", 800, 0, 1, 0) * 20_000
    edits = mp4.box(b"edts", mp4.box(b"elst", struct.pack(">II", 0, 20_000), entries))
    return mp4.replaced(data, b"edts", edits, (b"moov", b"trak"))


@hostile(".mkv", "nan", "inf", "-inf", "-5", "1e300", "0")
def segment_of_a_false_length(shop: Workshop, milliseconds: str) -> bytearray:
    """A Matroska film that lasts for ever, for less than no time, or for no number of seconds."""
    return ebml.put(shop.seed("mkv"), struct.pack(">d", float(milliseconds)), ebml.SEGMENT, ebml.INFO, ebml.DURATION)


@hostile(".mkv", 0, 1, 0xFFFFFF)
def scale_of_times(shop: Workshop, scale: int) -> bytearray:
    """Times of a Matroska film that count in nothing, in nanoseconds, or in sixtieths of a second."""
    return ebml.put(shop.seed("mkv"), scale.to_bytes(8, "big"), ebml.SEGMENT, ebml.INFO, ebml.TIMESTAMP_SCALE)


@hostile(".mkv", 0, 1, 2**63)
def frames_of_a_false_length(shop: Workshop, nanoseconds: int) -> bytearray:
    """A Matroska track whose frames last one nanosecond (a rate of a thousand million), or for centuries."""
    track = (ebml.SEGMENT, ebml.TRACKS, ebml.TRACK)
    return ebml.put(shop.seed("mkv"), nanoseconds.to_bytes(8, "big"), *track, ebml.FRAME_DURATION)


_ENDS = {
    "years": "99999:59:59.9",
    "before": "-1:00:00.0",
    "a_minute": "00:01:00.0",
    "hundreds_of_digits": f"{'9' * 400}:00:00.0",
    "thousands_of_digits": f"{'9' * 5000}:00:00.0",
    "a_long_fraction": f"00:00:00.{'9' * 9000}",
    "arabic_digits": "\u0665:00:00.0",
    "no_number": "nan",
    "lines": "00:00:00.8\n00:00:09.9",
}


@hostile(".mkv", *_ENDS)
def tag_of_a_false_length(shop: Workshop, what: str) -> bytes:
    """A tag that says when the picture ends: in years, before it began, in thousands of digits, in other digits."""
    data = shop.seed("mkv")
    # the writer's own tag says the truth: it becomes one that nobody reads
    data = bytearray(bytes(data).replace(b"DURATION", b"DURATI0N"))
    said = ebml.element(ebml.TAG_NAME, b"DURATION"), ebml.element(ebml.TAG_TEXT, _ENDS[what].encode())
    target = ebml.element(b"\x63\xc0", ebml.number(b"\x63\xc5", _first_track(data)))
    tag = ebml.element(ebml.TAG, target, ebml.element(ebml.SIMPLE_TAG, *said))
    return ebml.extended(data, ebml.element(ebml.TAGS, tag))


def _first_track(data: bytearray) -> int:
    place, length = ebml.content(data, ebml.SEGMENT, ebml.TRACKS, ebml.TRACK, ebml.TRACK_ID)
    return int.from_bytes(data[place : place + length], "big")


@hostile(".avi", "1-0", "0-1", "1-1000000", "4294967295-1", "4294967295-4294967295")
def stream_of_a_false_rate(shop: Workshop, what: str) -> bytearray:
    """An AVI with one frame in no time, none in one, a million in a second, one in a hundred years."""
    scale, rate = map(int, what.split("-"))
    data = shop.seed("avi")
    struct.pack_into("<II", data, data.index(b"strh") + 8 + 20, scale, rate)
    return data


@hostile(".avi", 0, 0x7FFFFFFF, 0xFFFFFFFF)
def list_of_a_false_size(shop: Workshop, size: int) -> bytearray:
    """An AVI whose list of frames has no byte, or more than the file."""
    data = shop.seed("avi")
    struct.pack_into("<I", data, data.index(b"movi") - 4, size)
    return data


@hostile(".flv", 0xFFFFFF, 0)
def tag_of_a_false_size(shop: Workshop, size: int) -> bytearray:
    """An FLV whose first tag is as large as any can be, or empty."""
    data = shop.seed("flv")
    data[14:17] = size.to_bytes(3, "big")
    return data


@hostile(".flv", "nan", "inf", "-1", "1e18", "1e308")
def script_of_a_false_length(shop: Workshop, seconds: str) -> bytearray:
    """An FLV whose script says that it lasts for no number of seconds, or for more than there are."""
    data = shop.seed("flv")
    place = data.index(b"duration") + len("duration") + 1
    return mp4.put(data, place, "d", float(seconds))
