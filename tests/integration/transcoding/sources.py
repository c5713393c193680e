"""Films as people have them, and files that only pretend: each drawn by ffmpeg or written here, small and quick."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

from tests.hostile_media import ebml
from tests.media import ffmpeg

_FAST = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"
_FIELDS = "-vf tinterlace=mode=interleave_top,fieldorder=tff -c:v mpeg2video -flags +ildct+ilme -b:v 2M -c:a mp2"


def _draw(target: Path, picture: str, sound: str | None, options: str) -> Path:
    inputs = ["-f", "lavfi", "-i", picture]
    if sound:
        inputs += ["-f", "lavfi", "-i", sound]
    ffmpeg(*inputs, *options.split(), str(target))
    return target


def _recipe(
    suffix: str, picture: str, sound: str | None = "sine=f=440:r=48000:d=3", options: str = _FAST
) -> tuple[str, Callable[[Path], None]]:
    return suffix, lambda target: (_draw(target, picture, sound, options), None)[1]


def _rotated(target: Path) -> None:
    upright = target.with_name("upright.mp4")
    _draw(upright, "testsrc2=s=854x480:r=25:d=3", "sine=r=48000:d=3", _FAST)
    ffmpeg("-display_rotation", "90", "-i", str(upright), "-c", "copy", str(target))


def _resized(sizes: tuple[str, ...], rate: int, options: str) -> Callable[[Path], None]:
    """Draw a second of each size."""

    def make(target: Path) -> None:
        parts = []
        for second, size in enumerate(sizes):
            part = target.with_name(f"{target.stem}-{second}.ts")
            picture, sound = f"testsrc2=s={size}:r={rate}:d=1", "sine=f=440:r=48000:d=1"
            parts.append(_draw(part, picture, sound, f"{options} -output_ts_offset {second}").read_bytes())
        target.write_bytes(b"".join(parts))

    return make


def _late(stream: str) -> Callable[[Path], None]:
    def make(target: Path) -> None:
        picture = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=3"]
        sound = ["-f", "lavfi", "-i", "sine=r=48000:d=3"]
        offset = ["-itsoffset", "0.5"]
        inputs = [*offset, *picture, *sound] if stream == "picture" else [*picture, *offset, *sound]
        ffmpeg(*inputs, "-map", "0", "-map", "1", *_FAST.split(), str(target))

    return make


def _cut(recipe: str, part: float) -> Callable[[Path], None]:
    """Keep only the first part of a file."""

    def make(target: Path) -> None:
        whole = (source(target.parent, recipe)).read_bytes()
        target.write_bytes(whole[: int(len(whole) * part)])

    return make


def _flipped(target: Path) -> None:
    """Turn bits in the middle of the pictures, the index untouched."""
    data = bytearray(source(target.parent, "leading_moov").read_bytes())
    start = data.index(b"mdat") + 4
    for place in range(start, len(data), 97):
        data[place] ^= 0x55
    target.write_bytes(data)


def _text(words: str) -> Callable[[Path], None]:
    return lambda target: (target.write_text(words), None)[1]


def _bits(number: int) -> Callable[[Path], None]:
    """Turn a few bits anywhere in a whole file, chosen by a die that falls the same way each time."""

    def make(target: Path) -> None:
        data, die = bytearray(source(target.parent, "leading_moov").read_bytes()), random.Random(number)
        for _ in range(number):
            data[die.randrange(len(data))] ^= 1 << die.randrange(8)
        target.write_bytes(data)

    return make


def _many_streams(target: Path) -> None:
    """As archives keep it: subtitles, a font, a cover, chapters, two sounds of which the first is not the default."""
    words, cover = target.with_name("words.srt"), target.with_name("cover.jpg")
    words.write_text("1\n00:00:00,000 --> 00:00:02,000\nHello\n")
    chapters = target.with_name("chapters.txt")
    chapters.write_text(";FFMETADATA1\ntitle=x\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\ntitle=One\n")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=600x800:d=0.04", "-frames:v", "1", str(cover))
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=3", "-f", "lavfi", "-i", "anullsrc=r=48000:d=3"),
        *("-f", "lavfi", "-i", "sine=f=440:r=48000:d=3", "-i", str(words), "-i", str(chapters), "-t", "3"),
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4", *_FAST.split(), "-c:s", "srt"),
        *("-disposition:a:0", "0", "-disposition:a:1", "default"),
        *("-attach", str(words), "-metadata:s:t:0", "mimetype=application/x-font"),
        *("-attach", str(cover), "-metadata:s:t:1", "mimetype=image/jpeg", str(target)),
    )


def _cover_first(target: Path) -> None:
    """An MP4 whose first stream is its cover picture, and whose last one is data."""
    cover, film = target.with_name("first.jpg"), target.with_name("film.mp4")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=600x800:d=0.04", "-frames:v", "1", str(cover))
    _draw(film, "testsrc2=s=320x240:r=25:d=3", "sine=r=48000:d=3", _FAST)
    maps = ("-map", "0", "-map", "1:v", "-map", "1:a", "-c", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-i", str(cover), "-i", str(film), *maps, "-timecode", "10:00:00:00", str(target))


def _joined(target: Path) -> None:
    """Two recordings, one behind the other by their bytes; each begins at zero."""
    part = target.with_name("part.ts")
    _draw(part, "testsrc2=s=160x90:r=25:d=3", "sine=r=48000:d=3", f"{_FAST} -bf 2")
    target.write_bytes(2 * part.read_bytes())


def _other_channels(target: Path) -> None:
    """As television is recorded: a film in 5.1, and what comes behind it in stereo."""
    parts = []
    for second, sound in enumerate(("pan=5.1|c0=c0|c2=c0", "pan=stereo|c0=c0|c1=c0", "pan=5.1|c0=c0|c2=c0")):
        part = target.with_name(f"{target.stem}-{second}.ts")
        picture, heard = "testsrc2=s=160x90:r=25:d=2", f"aevalsrc='sin(2*PI*880*t)*lt(t,0.1)':s=48000:d=2,{sound}"
        options = f"{_FAST} -c:a ac3 -output_ts_offset {2 * second}"
        parts.append(_draw(part, picture, heard, options).read_bytes())
    target.write_bytes(b"".join(parts))


def _recorded(options: str) -> Callable[[Path], None]:
    """As a browser records: pictures are timed as they came, 30 in a second, and the header names no rate."""

    def make(target: Path) -> None:
        picture = "testsrc2=s=160x90:r=30:d=3,settb=1/1000,setpts='N*1000/30+random(1)*12'"
        jittered = "-fps_mode passthrough -enc_time_base:v 1/1000 -c:v libvpx -deadline realtime -cpu-used 8"
        _draw(target, picture, "sine=f=440:r=48000:d=5", f"{jittered} -c:a libopus {options}")
        data = ebml.voided(bytearray(target.read_bytes()), ebml.SEGMENT, ebml.TRACKS, ebml.TRACK, ebml.FRAME_DURATION)
        target.write_bytes(bytes(data).replace(b"DURATION", b"DURATI0N"))

    return make


def _remuxed(target: Path) -> None:
    """A recording with a hold, copied into Matroska, which names its average for its rate."""
    ffmpeg("-i", str(source(target.parent, "variable_rate")), "-c", "copy", str(target))


def _unheard(target: Path) -> None:
    """A film whose sound says that it is AC-4."""
    film = target.with_name("heard.mp4")
    _draw(film, "testsrc2=s=160x90:r=25:d=3", "sine=r=48000:d=3", f"{_FAST} -c:a libopus")
    data = film.read_bytes()
    assert data.count(b"Opus") == 1
    target.write_bytes(data.replace(b"Opus", b"ac-4"))


def _huge_durations(target: Path) -> None:
    """Make each frame claim to last for days: a few kilobytes that fill the memory of a careless filter."""
    plain = source(target.parent, "few_frames")
    data = bytearray(plain.read_bytes())
    table = data.index(b"stts") + 4
    entries = struct.unpack(">I", data[table + 4 : table + 8])[0]
    for entry in range(entries):
        place = table + 8 + entry * 8 + 4
        data[place : place + 4] = struct.pack(">I", 0x7FFFFFF)
    target.write_bytes(data)


_SOURCES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "full_hd": _recipe(".mp4", "testsrc2=s=1920x1080:r=24:d=4", "sine=r=48000:d=4"),
    # long enough to be interrupted at work
    "hd": _recipe(".mp4", "testsrc2=s=1280x720:r=24:d=8", "sine=r=48000:d=8"),
    "hd_second": _recipe(".mp4", "testsrc2=s=1920x1080:r=30:d=1", None),
    "landscape": _recipe(".mp4", "testsrc2=s=1280x720:r=25:d=3", "sine=r=48000:d=3"),
    "ntsc": _recipe(".mp4", "testsrc2=s=432x240:r=30000/1001:d=20", "sine=r=44100:d=20"),
    "sixty": _recipe(".mp4", "testsrc2=s=320x180:r=60000/1001:d=20", "sine=r=48000:d=20"),
    "film_rate": _recipe(".mp4", "testsrc2=s=320x180:r=24000/1001:d=21.5", "sine=r=48000:d=21.5"),
    # drawn small, since an expression for each pixel takes long, and a plain colour is the same at every size
    "steps": _recipe(
        ".mp4",
        "nullsrc=s=16x16:r=25:d=12,geq=lum=48+14*floor(T):cb=100+5*floor(T):cr=160-4*floor(T),"
        "scale=640:360:flags=neighbor,setsar=1",
        None,
    ),
    "portrait": _recipe(".mp4", "testsrc2=s=720x1280:r=25:d=3"),
    "anamorphic": _recipe(".mkv", "testsrc2=s=720x576:r=25:d=3,setsar=64/45"),
    "rotated": (".mp4", _rotated),
    # as video calls are recorded: the picture is as large as the line just allowed
    "resized": (".ts", _resized(("320x240", "640x480", "160x120"), 25, _FAST)),
    # as television is: from one programme to the next the picture has another size, in fields
    "resized_fields": (".ts", _resized(("352x288", "720x576", "352x288"), 50, _FIELDS)),
    "ten_bit": _recipe(
        ".mp4", "testsrc2=s=640x480:r=25:d=3", options="-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -c:a aac"
    ),
    "hdr": _recipe(
        ".mp4",
        "testsrc2=s=640x480:r=25:d=1,setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084",
        "sine=r=48000:d=1",
        "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -c:a aac",
    ),
    "interlaced": _recipe(
        ".mpg",
        "testsrc2=s=720x576:r=50:d=3,tinterlace=interleave_top,setsar=64/45",
        options="-c:v mpeg2video -flags +ildct+ilme -b:v 4M -c:a mp2",
    ),
    "silent": _recipe(".mp4", "testsrc2=s=640x480:r=25:d=3", None),
    "long_silence": _recipe(".mp4", "testsrc2=s=320x240:r=25:d=24", None),
    "six_channels": _recipe(".mkv", "testsrc2=s=320x240:r=25:d=3", "anoisesrc=r=48000:d=3,pan=5.1|c0=c0|c3=c0"),
    "one_frame": _recipe(".mp4", "testsrc2=s=640x480:r=25:d=0.04", None),
    "half_second": _recipe(".mp4", "testsrc2=s=640x480:r=25:d=0.52", "sine=r=48000:d=0.5"),
    "fast": _recipe(".mp4", "testsrc2=s=320x240:r=120:d=3"),
    "slow": _recipe(".mp4", "testsrc2=s=320x240:r=1:d=20", None),
    "variable_rate": _recipe(
        ".mp4", "testsrc2=s=640x480:r=30:d=9,select='not(mod(n,3))+gt(n,150)'", None, f"-fps_mode vfr {_FAST}"
    ),
    "remuxed": (".mkv", _remuxed),
    "small": _recipe(".mp4", "testsrc2=s=200x120:r=25:d=3"),
    "odd_sides": _recipe(".mkv", "testsrc2=s=322x242:r=25:d=3,crop=321:241", options="-c:v ffv1 -c:a aac"),
    "rgb": _recipe(
        ".mkv", "testsrc2=s=320x240:r=25:d=3", options="-c:v libx264rgb -preset ultrafast -pix_fmt rgb24 -c:a aac"
    ),
    "black_start": _recipe(
        ".mp4", "testsrc2=s=640x480:r=25:d=6,drawbox=color=black:t=fill:enable='lt(t,3)'", None, f"{_FAST} -g 25"
    ),
    "all_black": _recipe(".mp4", "color=black:s=640x480:r=25:d=3"),
    "late_picture": (".mkv", _late("picture")),
    "late_sound": (".mkv", _late("sound")),
    "long_sound": _recipe(".mp4", "testsrc2=s=320x240:r=25:d=2", "sine=r=48000:d=4"),
    # of these, the container does not say when the picture ends
    "long_sound_asf": _recipe(".wmv", "testsrc2=s=160x90:r=25:d=2", "sine=f=440:r=44100:d=5", "-c:v wmv2 -c:a wmav2"),
    "long_sound_flv": _recipe(
        ".flv", "testsrc2=s=160x90:r=25:d=2", "sine=f=440:r=44100:d=5", "-c:v flv -c:a libmp3lame"
    ),
    "long_sound_live": _recipe(
        ".webm",
        "testsrc2=s=160x90:r=25:d=2",
        "sine=f=440:r=48000:d=5",
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus -live 1",
    ),
    "recorded": (".webm", _recorded("-live 1")),
    # a program has written its length into it afterwards
    "mended_recording": (".webm", _recorded("")),
    "short_sound": _recipe(".mp4", "testsrc2=s=320x240:r=25:d=9", "sine=r=48000:d=1"),
    "no_duration": _recipe(
        ".webm",
        "testsrc2=s=320x240:r=25:d=3",
        options="-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus -live 1",
    ),
    "transport_stream": _recipe(".ts", "testsrc2=s=320x240:r=25:d=3"),
    # its clock has 33 bits and begins anew after 26.5 hours
    "wrapped_clock": _recipe(
        ".ts", "testsrc2=s=160x90:r=25:d=6", "sine=f=440:r=48000:d=6", f"{_FAST} -output_ts_offset 95440"
    ),
    "leading_moov": _recipe(".mp4", "testsrc2=s=640x480:r=25:d=9", "sine=r=48000:d=9", f"{_FAST} -movflags +faststart"),
    "few_frames": _recipe(
        ".mp4", "testsrc2=s=64x64:r=25:d=0.2,select='1',settb=1/25,setpts='N*N'", None, f"-fps_mode vfr {_FAST}"
    ),
    "hlg": _recipe(
        ".mp4",
        "testsrc2=s=320x240:r=25:d=1,setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=arib-std-b67",
        "sine=r=48000:d=1",
        "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -c:a aac",
    ),
    "ultra_hd": _recipe(
        ".mp4",
        "testsrc2=s=3840x2160:r=24:d=0.5",
        "sine=r=48000:d=0.5",
    ),
    "telephone": _recipe(".avi", "testsrc2=s=320x240:r=15:d=3", "sine=f=440:r=8000:d=3", "-c:v mpeg4 -c:a pcm_mulaw"),
    "studio_sound": _recipe(
        ".mov", "testsrc2=s=320x240:r=25:d=3", "sine=f=440:r=96000:d=3", "-c:v prores_ks -c:a pcm_s24le"
    ),
    "eight_channels": _recipe(
        ".mkv", "testsrc2=s=320x240:r=25:d=3", "anoisesrc=r=48000:d=3,pan=7.1|c0=c0|c6=c0", f"{_FAST} -c:a flac"
    ),
    "nine_channels": _recipe(
        ".mov",
        "testsrc2=s=320x240:r=25:d=3",
        f"aevalsrc={'|'.join(['0.2*sin(2*PI*440*t)'] * 9)}:s=48000:d=3",
        "-c:v mpeg4 -c:a pcm_s16le",
    ),
    "unheard": (".mp4", _unheard),
    "flash": _recipe(".flv", "testsrc2=s=320x240:r=25:d=3", "sine=f=440:r=44100:d=3", "-c:v flv -c:a libmp3lame"),
    "motion_jpeg": _recipe(".avi", "testsrc2=s=320x240:r=25:d=3", options="-c:v mjpeg -c:a pcm_s16le"),
    "web": _recipe(
        ".webm",
        "testsrc2=s=320x240:r=25:d=3",
        options="-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
    ),
    "windows_media": _recipe(".wmv", "testsrc2=s=320x240:r=25:d=3", options="-c:v wmv2 -c:a wmav2"),
    "fragmented": _recipe(
        ".mp4",
        "testsrc2=s=320x240:r=25:d=9",
        "sine=f=440:r=48000:d=9",
        f"{_FAST} -g 25 -movflags frag_keyframe+empty_moov+default_base_moof",
    ),
    # as an editor joins clips whose sound is 13 ms too short each; there is a beep at the beginning of each
    "gaps": _recipe(
        ".mp4",
        "testsrc2=s=160x90:r=25:d=11",
        "aevalsrc='0.5*sin(2*PI*880*t)*lt(mod(t,1),0.1)':s=48000:d=10",
        f"{_FAST} -bsf:a setts=ts=TS+floor(TS*TB)*0.013/TB",
    ),
    # as they are recorded live: packets are timed as they arrive, up to 12 ms early or late
    "arrivals": _recipe(
        ".mkv",
        "testsrc2=s=160x90:r=25:d=5",
        "sine=f=440:r=44100:d=5",
        f"{_FAST} -bsf:a setts=ts=TS+(random(1)*2-1)*0.012/TB",
    ),
    "far_keyframes": _recipe(
        ".ts", "testsrc2=s=160x90:r=10:d=26", None, "-c:v libx264 -preset ultrafast -g 200 -sc_threshold 0"
    ),
    "other_channels": (".ts", _other_channels),
    # large ones, as a second of a camera's is
    "many_fragments": _recipe(
        ".mp4",
        "testsrc2=s=640x480:r=25:d=5",
        None,
        "-c:v mjpeg -q:v 1 -movflags empty_moov+default_base_moof -frag_duration 400000",
    ),
    "without_index": _recipe(
        ".mkv", "testsrc2=s=320x240:r=25:d=9", "sine=f=440:r=48000:d=9", f"{_FAST} -f matroska -cues_to_front 0 -live 1"
    ),
    "single_keyframe": _recipe(
        ".mp4", "testsrc2=s=320x240:r=25:d=20", "sine=f=440:r=48000:d=20", f"{_FAST} -g 9999 -sc_threshold 0"
    ),
    "many_streams": (".mkv", _many_streams),
    "cover_first": (".mp4", _cover_first),
    "a_bit": (".mp4", _bits(1)),
    "few_bits": (".mp4", _bits(8)),
    "many_bits": (".mp4", _bits(400)),
    # refused
    "av1": _recipe(".mp4", "testsrc2=s=128x128:r=25:d=0.4", None, "-c:v libsvtav1 -preset 12"),
    "sound_only": _recipe(".mp4", "sine=d=2", None, "-c:a aac"),
    "tiny": _recipe(".mkv", "testsrc2=s=8x8:r=25:d=1", None, "-c:v ffv1"),
    "enormous": _recipe(".mkv", "color=s=8192x5120:r=1:d=1", None, "-c:v mjpeg -q:v 31 -huffman default"),
    "cut_with_moov_at_end": (".mp4", _cut("landscape", 0.6)),
    "cut_with_leading_moov": (".mp4", _cut("leading_moov", 0.6)),
    "cut_matroska": (".mkv", _cut("long_matroska", 0.5)),
    "joined_recordings": (".ts", _joined),
    "cut_flash": (".flv", _cut("long_flash", 0.6)),
    "long_flash": _recipe(".flv", "testsrc2=s=160x90:r=25:d=9", "sine=r=44100:d=9", "-c:v flv -c:a libmp3lame"),
    "long_matroska": _recipe(".mkv", "testsrc2=s=320x240:r=25:d=9", "sine=r=48000:d=9"),
    "flipped_bits": (".mp4", _flipped),
    "huge_durations": (".mp4", _huge_durations),
    "text": (".mp4", _text("Dear uploader, this is no film.\n" * 500)),
    "empty": (".mp4", _text("")),
    "picture_file": _recipe(".jpg", "testsrc2=s=640x480:d=0.04", None, "-frames:v 1 -update 1"),
    "subtitles": (".mp4", _text("WEBVTT\n\n00:00.000 --> 00:02.000\nHello\n")),
}


def source(folder: Path, name: str) -> Path:
    """Return the source called `name`, made when it is first asked for."""
    suffix, make = _SOURCES[name]
    target = folder / f"{name}{suffix}"
    if not target.exists():
        make(target)
    return target
