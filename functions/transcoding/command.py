"""The one ffmpeg command that makes all renditions of a film. Pure: from a plan to arguments."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from functions.transcoding import ladder
from functions.transcoding.plan import SEGMENT, Colour, Plan, VideoPlan
from functions.transcoding.source import Input

PLAYLIST: Final = "index.m3u8"
"""What ffmpeg calls a rendition's playlist, in a folder named like the rendition."""

# One decoding error in ten frames is a damaged file; ffmpeg's own limit is two in three.
_ERROR_RATE: Final = "0.1"

# hls.js plays from the first decoding time on and reports a hole (`bufferSeekOverHole`) when the first picture comes
# more than 0.1 s later. B-frames that refer to no other B-frame delay it by one frame instead of two, for the same
# number of bytes; below this rate even one frame is too long.
_SLOWEST_WITH_B_FRAMES: Final = Fraction(25, 2)


def encode(plan: Plan, source: Input, ffmpeg: str) -> list[str]:
    """Return the command: one process, one decode, each size scaled from the next larger one.

    It writes `<rendition>/<number>.ts` and `<rendition>/index.m3u8` into the folder it is started in, where the
    renditions' folders exist, and its progress to standard output.
    """
    return [
        ffmpeg,
        "-hide_banner", "-nostdin",
        "-loglevel", "error",
        "-max_error_rate", _ERROR_RATE,
        "-progress", "pipe:1", "-stats_period", "1",
        *source.arguments,
        "-filter_complex", ";".join([*_picture_graph(plan), _sound_graph(plan)]),
        *_maps(plan),
        # nothing that the uploader wrote into the file goes on to viewers
        "-map_metadata", "-1", "-map_chapters", "-1",
        # also the bound on the work: a few bytes can claim frames that last for days
        "-t", _down(Fraction(plan.frames) / plan.frame_rate),
        # as output options and not as a filter: the fps filter fills memory with such frames
        "-fps_mode:v", "cfr", "-r:v", str(plan.frame_rate),
        *_video_options(plan),
        # encoded once, for all renditions
        "-c:a", "aac", "-b:a", str(ladder.SOUND_BIT_RATE),
        "-f", "tee", "|".join(_output(number, rendition.name) for number, rendition in enumerate(plan.renditions)),
    ]  # fmt: skip


def _down(seconds: Fraction) -> str:
    # down to ffmpeg's microseconds: rounded up, a frame more would fit
    return f"{math.floor(seconds * 1_000_000) / 1_000_000:.6f}"


def _maps(plan: Plan) -> list[str]:
    pictures = [word for number in range(len(plan.renditions)) for word in ("-map", f"[v{number}]")]
    return [*pictures, "-map", "[a]"]


def picture_filters(video: VideoPlan) -> list[str]:
    """Return the filters that come before any scaling."""
    filters = []
    if video.deinterlace:
        # one frame from two fields, and only where a frame is marked as interlaced
        filters.append("bwdif=mode=send_frame:deint=interlaced")
    if video.freeze:
        filters.append(f"tpad=stop_mode=clone:stop_duration={video.freeze:.3f}")
    return filters


def scaled(width: int, height: int, colour: Colour, *, full_range: bool = False) -> str:
    """Return the filter that scales the source's picture and converts its colours."""
    # bicubic: the fast ones cost 15 points of VMAF
    scale = f"scale={width}:{height}:flags=bicubic:out_color_matrix={colour.matrix}"
    scale += f":out_range={'full' if full_range else 'limited'}"
    if colour.assume:
        scale += f":in_color_matrix={colour.assume}"
    if colour.to_sdr:
        scale += ":out_primaries=bt709:out_transfer=bt709"
    return scale


def _tags(colour: Colour) -> str:
    # all renditions say the same, so that no player guesses one way for 480p and another for 1080p
    transfer = "bt709" if colour.matrix == "bt709" else "smpte170m"
    return f"setparams=range=limited:colorspace={colour.matrix}:color_primaries={colour.matrix}:color_trc={transfer}"


def _picture_graph(plan: Plan) -> list[str]:
    graph = []
    pad = f"[0:{plan.video.index}]"
    for number, rendition in enumerate(plan.renditions):
        if number == 0:
            first = scaled(rendition.width, rendition.height, plan.video.colour)
            # square pixels, and the one format that every player decodes
            filters = [*picture_filters(plan.video), first, "setsar=1", "format=yuv420p", _tags(plan.video.colour)]
        else:
            filters = [f"scale={rendition.width}:{rendition.height}:flags=bicubic"]
        if number + 1 < len(plan.renditions):
            graph.append(f"{pad}{','.join([*filters, 'split=2'])}[v{number}][s{number}]")
        else:
            graph.append(f"{pad}{','.join(filters)}[v{number}]")
        pad = f"[s{number}]"
    return graph


def _sound_graph(plan: Plan) -> str:
    if plan.sound is None:
        # every segment carries sound: some players stop at the first one without
        return f"anullsrc=r={ladder.SOUND_RATE}:cl=stereo[a]"
    # gaps and a late start become silence, so that picture and sound stay together; silence up to the picture's end
    return f"[0:{plan.sound}]aresample={ladder.SOUND_RATE}:async=1:first_pts=0,aformat=channel_layouts=stereo,apad[a]"


def _video_options(plan: Plan) -> list[str]:
    keyframes = ",".join(_just_before(start, plan.frame_rate) for start in plan.starts)
    longest = math.ceil((SEGMENT + 4) * plan.frame_rate)
    options = [
        "-c:v", "libx264", "-preset", ladder.PRESET, "-crf", str(ladder.QUALITY), "-profile:v", "high",
        # x264 sets no keyframe of its own: later than any segment lasts, and at a cut an I frame that is none
        "-g", str(2 * longest), "-keyint_min", str(longest),
        "-bf", "3" if plan.frame_rate >= _SLOWEST_WITH_B_FRAMES else "0",
        "-x264-params", "b-pyramid=none",
    ]  # fmt: skip
    for number, rendition in enumerate(plan.renditions):
        options += [
            f"-level:v:{number}", rendition.level,
            f"-maxrate:v:{number}", str(rendition.cap),
            f"-bufsize:v:{number}", str(rendition.buffer),
            # one option a stream: ffmpeg 8.1 loses a shared list after its first reader
            f"-force_key_frames:v:{number}", keyframes,
        ]  # fmt: skip
    return options


def _just_before(frame: int, rate: Fraction) -> str:
    """Return the time half a frame before `frame`: the frame that follows becomes the keyframe, however it rounds."""
    return _down(max(Fraction(0), Fraction(2 * frame - 1, 2) / rate))


def _output(number: int, name: str) -> str:
    options = ":".join(
        [
            # unquoted twice: by tee for its list, then for its options
            rf"select=\'v:{number},a\'",
            "f=hls",
            # less than any segment: a new one begins at each keyframe, and only there
            "hls_time=1",
            # the playlist grows and names all
            "hls_list_size=0",
            "hls_playlist_type=event",
            # a playlist and a segment appear when they are complete
            "hls_flags=temp_file",
            f"hls_segment_filename={name}/%03d.ts",
            # timestamps begin at zero and not at 1.4 s
            "max_delay=0",
        ]
    )
    return f"[{options}]{name}/{PLAYLIST}"
