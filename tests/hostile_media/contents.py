"""What a film may carry besides its picture: streams without number, attachments, subtitles, texts."""

import struct

from tests.hostile_media import ebml, mp4
from tests.hostile_media.corpus import MARK, Workshop, hostile

_TEXTS = {
    "markup": f"<script>{MARK}</script><img src=x onerror=alert(1)>{{{{7*7}}}}",
    "lines": f"{MARK}\r\nSet-Cookie: a=b\r\n\r\n{{\"level\": \"ERROR\"}}\nX: y",
    "controls": f"{MARK}\x00\x1b[2J\x07\x08\x7f\u202e\u2028\ufeff",
    "formats": f"%s%n%d%1000000s$(touch /tmp/x)`id`;'\"\\{MARK}",
    "invalid": "invalid",
}  # fmt: skip


def _text(kind: str) -> bytes:
    return _TEXTS[kind].encode() if kind != "invalid" else MARK.encode() + b"\xff\xfe\xc0\x80\xed\xa0\x80"


@hostile(".mkv", *_TEXTS)
def tags(shop: Workshop, kind: str) -> bytes:
    """Titles and tags with markup, lines, control characters, formats, and bytes that are no text."""
    text = _text(kind)
    simple = ebml.element(ebml.SIMPLE_TAG, ebml.element(ebml.TAG_NAME, text), ebml.element(ebml.TAG_TEXT, text))
    title = ebml.element(ebml.INFO, ebml.element(b"\x7b\xa9", text))
    return ebml.extended(shop.seed("mkv"), title, ebml.element(ebml.TAGS, ebml.element(ebml.TAG, simple)))


@hostile(".mkv")
def megabytes_of_tags(shop: Workshop) -> bytes:
    """Thousands of tags, and one of four megabytes."""
    many = b"".join(_tag(f"{MARK}{number}".encode(), b"x" * 40) for number in range(3_000))
    big = _tag(b"BIG", b"y" * (4 << 20))
    return ebml.extended(shop.seed("mkv"), ebml.element(ebml.TAGS, ebml.element(ebml.TAG, many, big)))


def _tag(name: bytes, text: bytes) -> bytes:
    return ebml.element(ebml.SIMPLE_TAG, ebml.element(ebml.TAG_NAME, name), ebml.element(ebml.TAG_TEXT, text))


@hostile(".mp4", *_TEXTS)
def user_data(shop: Workshop, kind: str) -> bytearray:
    """The same texts as an MP4's title, name of its handler and encoder of its picture."""
    text = _text(kind)
    title = mp4.box(b"\xa9nam", struct.pack(">HH", len(text), 0), text)
    data = mp4.grown(shop.seed("moov_last"), mp4.box(b"udta", title), (b"moov",))
    name = text[:12].ljust(12, b"\0")
    place = data.index(b"VideoHandler")
    data[place : place + 12] = name
    return data


@hostile(".mp4")
def megabytes_of_user_data(shop: Workshop) -> bytearray:
    """An MP4 with thirty thousand keys of metadata."""
    boxes = b"".join(mp4.box(b"\xa9nam", struct.pack(">HH", 100, 0), b"z" * 100) for _ in range(30_000))
    return mp4.grown(shop.seed("moov_last"), mp4.box(b"udta", boxes), (b"moov",))


@hostile(".mkv")
def streams_without_number(shop: Workshop) -> bytes:
    """A Matroska film with hundreds of tracks."""
    data = shop.seed("mkv")
    place, length = ebml.content(data, ebml.SEGMENT, ebml.TRACKS, ebml.TRACK)
    track = bytearray(data[place : place + length])
    tracks = []
    for number in range(3, 303):
        track[:3] = b"\xd7\x81" + bytes([number % 250 + 3])
        tracks.append(ebml.element(ebml.TRACK, bytes(track)))
    return ebml.extended(data, ebml.element(ebml.TRACKS, *tracks))


@hostile(".mp4")
def thousands_of_tracks(shop: Workshop) -> bytearray:
    """An MP4 with two thousand tracks, all of one name."""
    data = shop.seed("moov_last")
    start = data.index(b"trak") - 4
    track = bytes(data[start : start + struct.unpack_from(">I", data, start)[0]])
    return mp4.grown(data, track * 2000, (b"moov",))


@hostile(".ts")
def programmes_without_number(shop: Workshop) -> bytes:
    """A transport stream with forty streams, all of sound."""
    maps = [word for _ in range(40) for word in ("-map", "0")]
    sound = ("-f", "lavfi", "-i", "sine=d=0.4")
    return shop.drawn(*sound, *maps, "-c:a", "mp2", suffix=".ts") + bytes(shop.seed("ts"))


@hostile(".mkv")
def attachments(shop: Workshop) -> bytes:
    """Attachments whose names climb out of any folder, and that are scripts, playlists and fonts."""
    script = shop.file("attached.sh", f"#!/bin/sh\necho {MARK}\n".encode())
    names = ("../../../../tmp/escaped.sh", "/etc/cron.d/x", "film.m3u8", "a\nb", "%2e%2e%2f")
    options = [word for name in names for word in ("-attach", script)]
    for number, name in enumerate(names):
        options += [
            f"-metadata:s:t:{number}",
            f"filename={name}",
            f"-metadata:s:t:{number}",
            "mimetype=text/x-shellscript",
        ]
    film = shop.file("attaching.mkv", bytes(shop.seed("mkv")))
    return shop.drawn("-i", film, "-c", "copy", *options, suffix=".mkv")


@hostile(".mkv", "srt", "ass", "webvtt")
def subtitles(shop: Workshop, kind: str) -> bytes:
    """Subtitles with scripts, drawings, fonts by their path and references to other files."""
    lines = (
        f"<script>{MARK}</script>{{\\an8\\fn{shop.secret}}}{{\\p1}}m 0 0 l 999999 999999 <font face='{shop.address}'>"
    )
    words = shop.file("hostile.srt", f"1\n00:00:00,000 --> 99:59:59,000\n{lines}\n\n2\nnonsense\n".encode())
    film = shop.file("spoken.mkv", bytes(shop.seed("mkv")))
    return shop.drawn("-i", film, "-i", words, "-map", "0", "-map", "1", "-c", "copy", "-c:s", kind, suffix=".mkv")


@hostile(".mkv")
def chapters(shop: Workshop) -> bytes:
    """Five thousand chapters that overlap, end before they begin, and are called like commands."""
    atoms = (
        ebml.element(
            b"\xb6",
            ebml.number(b"\x73\xc4", number + 1),
            ebml.number(b"\x91", number * 7919 % 800 * 10**6),
            ebml.number(b"\x92", number * 31 * 10**6),
            ebml.element(b"\x80", ebml.element(b"\x85", f"{MARK} `id` {number}".encode())),
        )
        for number in range(5000)
    )
    edition = ebml.element(b"\x45\xb9", *atoms)
    return ebml.extended(shop.seed("mkv"), ebml.element(b"\x10\x43\xa7\x70", edition))


@hostile(".mp4")
def cover_only(shop: Workshop) -> bytes:
    """Sound with a cover picture, which is no film."""
    cover = shop.file(
        "cover.jpg", shop.drawn("-f", "lavfi", "-i", "testsrc2=s=640x480", "-frames:v", "1", suffix=".jpg")
    )
    sound = shop.file("song.mp4", bytes(shop.seed("sound_only")))
    maps = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic")
    return shop.drawn("-i", sound, "-i", cover, *maps, suffix=".mp4")


@hostile(".mp4")
def picture_only(shop: Workshop) -> bytearray:
    """A film without sound."""
    return shop.seed("picture_only")


@hostile(".mp4")
def sound_only(shop: Workshop) -> bytearray:
    """Sound without a picture."""
    return shop.seed("sound_only")


@hostile(".mkv", "1", "384000")
def sound_of_an_odd_rate(shop: Workshop, rate: str) -> bytes:
    """A film whose sound has one sample in a second, or more than anybody hears."""
    sound = ("-f", "lavfi", "-i", f"anullsrc=r={rate}:cl=mono", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5")
    return shop.drawn(*sound, "-shortest", "-t", "0.5", "-c:v", "mpeg4", "-c:a", "pcm_s16le", suffix=".mkv")


@hostile(".mkv")
def sound_of_many_channels(shop: Workshop) -> bytes:
    """Sound with more channels than any room has loudspeakers, and of no known layout."""
    sound = "anullsrc=r=48000:cl=64C:d=0.5"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5")
    return shop.drawn("-f", "lavfi", "-i", sound, *picture, "-c:v", "mpeg4", "-c:a", "pcm_s16le", suffix=".mkv")
