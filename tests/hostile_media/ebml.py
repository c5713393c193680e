"""Matroska: elements of a film changed in place, and elements made by hand (RFC 8794, RFC 9559)."""

import struct

SEGMENT, INFO, TRACKS, CLUSTER = b"\x18\x53\x80\x67", b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75"
SEEK_HEAD, VOID = b"\x11\x4d\x9b\x74", b"\xec"
TAGS, TAG, SIMPLE_TAG, TAG_NAME, TAG_TEXT = b"\x12\x54\xc3\x67", b"\x73\x73", b"\x67\xc8", b"\x45\xa3", b"\x44\x87"
TRACK, TRACK_ID, VIDEO, WIDTH, HEIGHT = b"\xae", b"\x73\xc5", b"\xe0", b"\xb0", b"\xba"
COLOUR, CROP_TOP, CROP_BOTTOM = b"\x55\xb0", b"\x54\xbb", b"\x54\xaa"
FRAME_DURATION = b"\x23\xe3\x83"
TIMESTAMP_SCALE, DURATION = b"\x2a\xd7\xb1", b"\x44\x89"


def element(kind: bytes, *parts: bytes) -> bytes:
    """An element."""
    inside = b"".join(parts)
    return kind + size(len(inside)) + inside


def size(length: int) -> bytes:
    """A length in eight bytes, the widest spelling that there is."""
    return struct.pack(">Q", 1 << 56 | length)


def number(kind: bytes, value: int) -> bytes:
    """An element that holds an unsigned number."""
    return element(kind, struct.pack(">Q", value))


def content(data: bytes | bytearray, *path: bytes) -> tuple[int, int]:
    """Where the content of an element begins and how many bytes it has: the first of its kind in each parent."""
    begin, end = 0, len(data)
    for kind in path:
        begin, end = _child(data, kind, begin, end)
    return begin, end - begin


def _child(data: bytes | bytearray, kind: bytes, place: int, end: int) -> tuple[int, int]:
    while place < end:
        name = place + _octets(data[place])
        octets = _octets(data[name])
        length = int.from_bytes(data[name : name + octets], "big") & ((1 << 7 * octets) - 1)
        begin = name + octets
        if bytes(data[place:name]) == kind:
            return begin, min(end, begin + length)
        place = begin + length
    raise LookupError(kind.hex())


def _octets(first: int) -> int:
    return 9 - first.bit_length()


def put(data: bytearray, value: bytes, *path: bytes) -> bytearray:
    """The file with an element's content replaced, in as many bytes as it has: zeros are put before."""
    place, length = content(data, *path)
    data[place : place + length] = value[-length:].rjust(length, b"\0")
    return data


def voided(data: bytearray, *path: bytes) -> bytearray:
    """The file with a short element made void: its readers pass over it."""
    place, length = content(data, *path)
    start = data.rindex(path[-1], 0, place)
    room = place + length - start - 2
    data[start : place + length] = VOID + bytes([0x80 | room]) + bytes(room)
    return data


def resized(data: bytearray, length: bytes, *path: bytes) -> bytearray:
    """The file with the length of an element spelled otherwise, in as many bytes as are given or there are."""
    place, _ = content(data, *path)
    start = place - len(length)
    data[start:place] = length
    return data


def extended(data: bytearray, *elements: bytes) -> bytes:
    """The film with more elements in its segment, before its first cluster, where every reader meets them.

    Its table of places is voided, since they move, and its segment has no size.
    """
    resized(data, b"\x01" + b"\xff" * 7, SEGMENT)
    place, length = content(data, SEGMENT, SEEK_HEAD)
    start = data.index(SEEK_HEAD)
    data[start : start + 9] = VOID + size(place + length - start - 9)
    cluster = content(data, SEGMENT, CLUSTER)[0]
    before = data.rindex(CLUSTER, 0, cluster)
    return bytes(data[:before]) + b"".join(elements) + bytes(data[before:])
