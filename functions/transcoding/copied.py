"""The part of a chunk's command that takes the source's own packets over as a rendition. Pure."""

from __future__ import annotations

from fractions import Fraction

from functions.catalogue import timestamps
from functions.transcoding.plan import Chunk, Plan


def options(plan: Plan, chunk: Chunk) -> list[str]:
    """Return the options of the copied streams; none where all is encoded."""
    words = []
    for number, rendition in enumerate(plan.renditions):
        if rendition.copied:
            filters = _own_packets(plan, chunk, rendition.copied.delay)
            words += [f"-c:v:{number}", "copy", f"-bsf:v:{number}", ",".join(filters)]
    return words


def _own_packets(plan: Plan, chunk: Chunk, delay: int) -> list[str]:
    """Return the bitstream filters that leave this chunk's packets, each at its place of the constant frame rate."""
    rate = plan.frame_rate

    def before(frame: int) -> str:
        # in the middle between two frames: as far as can be from both, whatever the container's rounding
        return f"{float(Fraction(2 * frame - 1, 2) / rate):.6f}"

    # ticks, rounded as the encoders' times are. Groups are closed, so the N-th packet is decoded N frames after the
    # first: containers may leave decoding times out.
    frame = f"{timestamps.TICKS * rate.denominator}/{rate.numerator}"
    shown = f"round(round(PTS*TB*({rate}))*{frame})"
    decoded = f"round((N+{chunk.begin - delay})*{frame})"
    return [
        rf"noise=drop=lt(pts*tb\,{before(chunk.begin)})+gte(pts*tb\,{before(chunk.end)})",
        f"setts=time_base=1/{timestamps.TICKS}:prescale=1:pts={shown}:dts={decoded}:duration=round({frame})",
        # messages (SEI): nothing that was written into the file goes on to viewers; and filling, which means nothing
        "filter_units=remove_types=6|12",
    ]


def output(name: str, playlist: str, chunk: Chunk) -> list[str]:
    """Return the options of the muxer that cuts a copied stream into segments, and then its file name.

    Args:
        name: Of the rendition, and of the folder that it is written into.
        playlist: Name of the list of finished segments in that folder.
        chunk: Which chunk.
    """
    # by number, for the source may have more keyframes than segments
    cuts = [start - chunk.begin for start in chunk.starts[1:]]
    return [
        "f=segment",
        "segment_format=mpegts",
        # one that is never reached: without any, this muxer cuts every two seconds
        f"segment_frames={','.join(map(str, cuts or [chunk.end]))}",
        f"segment_start_number={chunk.first_segment}",
        f"segment_list={name}/{playlist}",
        "segment_list_type=m3u8",
        # the playlist names all
        "segment_list_size=0",
        # one stream cut into pieces: packets are counted through, as in the other renditions
        "individual_header_trailer=0",
        "segment_format_options=mpegts_flags=+initial_discontinuity",
        f"{name}/%03d.ts",
    ]
