"""MP4 and QuickTime: where a box of a film lies, and boxes made by hand (ISO/IEC 14496-12)."""

import struct


def content(data: bytes | bytearray, kind: bytes, number: int = 0) -> int:
    """Where the content of a box begins: of the first one of its kind, or of a later one."""
    place = -1
    for _ in range(number + 1):
        place = data.index(kind, place + 1)
    return place + 4


def put(data: bytearray, place: int, form: str, *values: float) -> bytearray:
    """The file with numbers written over what lies at a place."""
    struct.pack_into(f">{form}", data, place, *values)
    return data


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box."""
    inside = b"".join(parts)
    return struct.pack(">I", 8 + len(inside)) + kind + inside


def grown(data: bytearray, inner: bytes, outer: tuple[bytes, ...]) -> bytearray:
    """The file with a box put at the end of the innermost of some nested boxes; those behind it move.

    Only for files whose samples lie before their index, so that no offset changes.
    """
    starts = []
    place = 0
    for kind in outer:
        place = data.index(kind, place) + 4
        starts.append(place - 8)
    end = starts[-1] + struct.unpack_from(">I", data, starts[-1])[0]
    for start in starts:
        size = struct.unpack_from(">I", data, start)[0]
        struct.pack_into(">I", data, start, size + len(inner))
    data[end:end] = inner
    return data


def replaced(data: bytearray, kind: bytes, new: bytes, outer: tuple[bytes, ...]) -> bytearray:
    """The file with another box in the place of the first one of a kind, which lies in these; those behind it move.

    Only for files whose samples lie before their index, so that no offset changes.
    """
    start = data.index(kind) - 4
    length = struct.unpack_from(">I", data, start)[0]
    place = 0
    for name in outer:
        place = data.index(name, place) + 4
        struct.pack_into(">I", data, place - 8, struct.unpack_from(">I", data, place - 8)[0] + len(new) - length)
    data[start : start + length] = new
    return data
