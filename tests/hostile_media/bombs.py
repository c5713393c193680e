"""Small files that mean much work: huge pictures, packets that unfold, pictures that change."""

import zlib

from tests.hostile_media import ebml
from tests.hostile_media.corpus import Workshop, hostile


@hostile(".mkv")
def huge_pictures(shop: Workshop) -> bytes:
    """Pictures of almost 36 megapixels, all of one colour: some kilobytes that unfold to a hundred megabytes each."""
    picture = ("-f", "lavfi", "-i", "color=s=5984x5984:r=2:d=1", "-c:v", "mjpeg", "-q:v", "31")
    return shop.drawn(*picture, "-huffman", "default", suffix=".mkv")


@hostile(".mkv", "8192x64", "32x16384")
def extreme_shape(shop: Workshop, size: str) -> bytes:
    """A picture that is a thousand times as wide as high, or the other way round."""
    return shop.drawn("-f", "lavfi", "-i", f"color=s={size}:r=2:d=1", "-c:v", "mjpeg", suffix=".mkv")


@hostile(".ts")
def growing_picture(shop: Workshop) -> bytes:
    """A film whose picture becomes a thousand times as large in its middle."""
    large = ("-f", "lavfi", "-i", "color=s=4096x2304:r=10:d=0.2", "-c:v", "libx264", "-preset", "ultrafast")
    return bytes(shop.seed("ts")) + shop.drawn(*large, "-output_ts_offset", "0.8", suffix=".ts")


@hostile(".mkv")
def packet_that_unfolds(shop: Workshop) -> bytes:
    """A Matroska track whose packets are compressed: each one unfolds to as many megabytes as it can."""
    data = shop.seed("mkv")
    place, size = ebml.content(data, ebml.SEGMENT, ebml.TRACKS, ebml.TRACK)
    how = ebml.element(b"\x50\x34", ebml.number(b"\x42\x54", 0))
    encoding = ebml.element(b"\x6d\x80", ebml.element(b"\x62\x40", ebml.number(b"\x50\x32", 1), how))
    tracks = ebml.element(ebml.TRACKS, ebml.element(ebml.TRACK, bytes(data[place : place + size]), encoding))
    packed = zlib.compress(bytes(16 << 20))
    block = ebml.element(b"\xa3", b"\x81\x00\x00\x80", packed)
    cluster = ebml.element(ebml.CLUSTER, ebml.number(b"\xe7", 0), *[block] * 3)
    header = bytes(data[: data.index(ebml.SEGMENT)])
    info = ebml.element(ebml.INFO, ebml.number(ebml.TIMESTAMP_SCALE, 1_000_000))
    return header + ebml.element(ebml.SEGMENT, info, tracks, cluster)


@hostile(".avi")
def thousands_of_chunks(shop: Workshop) -> bytes:
    """Two hundred thousand chunks of no known kind before the first picture."""
    data = shop.seed("avi")
    place = data.index(b"movi") + 4
    return bytes(data[:place]) + b"JUNK\0\0\0\0" * 200_000 + bytes(data[place:])


@hostile(".ts")
def packets_of_nothing(shop: Workshop) -> bytes:
    """A transport stream of which all but the last packets are empty."""
    return (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 10_000 + bytes(shop.seed("ts"))
