"""What we are compared with: the plain ffmpeg command for one rendition, and the parts that no command can do without.

The quality is fixed: x264 `veryfast`, crf 21, the ladder's caps, bicubic scaling, a keyframe where a segment begins.
Written out here, not taken from the transcoder, so that a change there shows.
"""

from __future__ import annotations

from pathlib import Path

from bench.transcode import tools
from functions.transcoding.plan import Plan, RenditionPlan

_SOUND = ("-c:a", "aac", "-b:a", "128k", "-ac", "2")


def _x264(plan: Plan, made: RenditionPlan) -> list[str]:
    # half a frame early: the frame that follows becomes the keyframe, however a time rounds
    keyframes = ",".join(f"{max(0.0, float((start - 0.5) / plan.frame_rate)):.6f}" for start in plan.starts)
    return [
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "21",
        "-maxrate", str(made.cap), "-bufsize", str(made.buffer), "-profile:v", "high", "-pix_fmt", "yuv420p",
        "-force_key_frames", keyframes, "-g", "480", "-keyint_min", "240",
    ]  # fmt: skip


def _scaled(made: RenditionPlan) -> str:
    return f"scale={made.width}:{made.height}:flags=bicubic,setsar=1"


def rendition(film: Path, plan: Plan, made: RenditionPlan, target: Path) -> None:
    """Make one rendition, as HLS, by a command of its own."""
    tools.ffmpeg(
        "-i", str(film), "-map", "0:v:0", "-map", "0:a:0?", "-vf", _scaled(made), *_x264(plan, made), *_SOUND,
        "-f", "hls", "-hls_time", "1", "-hls_list_size", "0", "-hls_segment_filename", str(target / "%03d.ts"),
        str(target / "index.m3u8"),
    )  # fmt: skip


def each_alone(film: Path, plan: Plan, folder: Path) -> float:
    """Make every rendition so, one after the other; return the CPU seconds."""

    def work() -> None:
        for made in plan.renditions:
            target = folder / made.name
            target.mkdir()
            rendition(film, plan, made, target)

    return tools.spent(work).tools


def decode(film: Path) -> None:
    """Decode the picture, nothing else."""
    tools.ffmpeg("-i", str(film), "-map", "0:v:0", "-f", "null", "-")


def sound(film: Path) -> None:
    """Decode and encode the sound, nothing else; nothing at all where there is none."""
    tools.ffmpeg("-i", str(film), "-f", "lavfi", "-t", "0.1", "-i", "anullsrc", "-map", "0:a:0?", "-map", "1:a",
                 *_SOUND, "-f", "null", "-")  # fmt: skip


def draw_raw(film: Path, made: RenditionPlan, target: Path) -> None:
    """Write a rendition's pictures, scaled and not encoded: 2.2 GB for half a minute of 1080p24."""
    tools.ffmpeg("-i", str(film), "-map", "0:v:0", "-vf", _scaled(made), "-pix_fmt", "yuv420p", "-f", "rawvideo",
                 str(target))  # fmt: skip


def _raw(plan: Plan, made: RenditionPlan, raw: Path) -> list[str]:
    return ["-f", "rawvideo", "-video_size", f"{made.width}x{made.height}", "-pixel_format", "yuv420p",
            "-framerate", str(plan.frame_rate), "-i", str(raw)]  # fmt: skip


def read_raw(plan: Plan, made: RenditionPlan, raw: Path) -> None:
    """Read those pictures, nothing else."""
    tools.ffmpeg(*_raw(plan, made, raw), "-f", "null", "-")


def encode_raw(plan: Plan, made: RenditionPlan, raw: Path) -> None:
    """Read and encode those pictures."""
    tools.ffmpeg(*_raw(plan, made, raw), *_x264(plan, made), "-f", "null", "-")
