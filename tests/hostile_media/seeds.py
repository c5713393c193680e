"""Small healthy films, drawn by ffmpeg: less than a second of a few pixels, one of each container that is accepted."""

from pathlib import Path

from tests.media import ffmpeg

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.8")
_SOUND = ("-f", "lavfi", "-i", "sine=r=48000:d=0.8")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_BOTH = (*_PICTURE, *_SOUND, *_H264, "-c:a", "aac")

SEEDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mp4": (".mp4", (*_BOTH, "-movflags", "+faststart")),
    "moov_last": (".mp4", _BOTH),
    "edit_list": (".mov", (*_PICTURE, "-itsoffset", "0.3", *_SOUND, *_H264, "-bf", "2", "-c:a", "pcm_mulaw")),
    "fragments": (".mp4", (*_BOTH, "-g", "4", "-movflags", "frag_keyframe+empty_moov+default_base_moof")),
    "mkv": (".mkv", _BOTH),
    "webm": (".webm", (*_PICTURE, *_SOUND, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")),
    "ts": (".ts", _BOTH),
    "mpg": (".mpg", (*_PICTURE, *_SOUND, "-r", "25", "-c:v", "mpeg2video", "-c:a", "mp2")),
    "avi": (".avi", (*_PICTURE, *_SOUND, "-c:v", "mpeg4", "-c:a", "pcm_s16le")),
    "flv": (".flv", (*_PICTURE, *_SOUND, "-c:v", "flv", "-c:a", "aac")),
    "asf": (".wmv", (*_PICTURE, *_SOUND, "-c:v", "wmv2", "-c:a", "wmav2")),
    "mxf": (".mxf", (*_PICTURE, *_SOUND, "-r", "25", "-c:v", "mpeg2video", "-c:a", "pcm_s16le")),
    "sound_only": (".mp4", (*_SOUND, "-c:a", "aac")),
    "picture_only": (".mp4", (*_PICTURE, *_H264)),
}


def make(folder: Path, name: str) -> bytes:
    """The bytes of a seed."""
    suffix, arguments = SEEDS[name]
    return draw(folder / f"seed-{name}{suffix}", *arguments)


def draw(target: Path, *arguments: str) -> bytes:
    """The bytes of what ffmpeg writes into `target`."""
    ffmpeg(*arguments, str(target))
    return target.read_bytes()
