"""Sources and plans for tests that need no ffmpeg."""

import dataclasses
from fractions import Fraction

from functions.transcoding import plan
from functions.transcoding.plan import Plan
from functions.transcoding.probe import Picture, Sound, SourceInfo

PICTURE = Picture(
    index=0,
    codec="h264",
    width=1920,
    height=1080,
    sample_aspect=Fraction(1),
    rotation=0,
    frame_rate=Fraction(24),
    interlaced=False,
    pixel_format="yuv420p",
    matrix="bt709",
    transfer="bt709",
    primaries="bt709",
    ends=30.0,
)


STEREO = Sound(index=1, channels=2, rate=48_000, exact=True)


def info(duration: float = 30.0, sound: Sound | None = STEREO, container: str = "mov", **picture: object) -> SourceInfo:
    facts = {"ends": duration} | picture
    return SourceInfo(
        container=container, duration=duration, picture=dataclasses.replace(PICTURE, **facts), sound=sound
    )


def planned(duration: float = 30.0, **picture: object) -> Plan:
    return plan.make(info(duration, **picture))


def in_chunks(duration: float = 26.0, **picture: object) -> Plan:
    """Return the plan of a small film in chunks that are as short as they get: two of 26 seconds."""
    return plan.make(info(duration, **({"width": 640, "height": 480} | picture)), chunk_cost=0.1)
