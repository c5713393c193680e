"""Files that ffmpeg's muxer `segment` cuts a stream into, while it is at work."""

from pathlib import Path


def is_whole(file: Path) -> bool:
    """Say whether `file`, which the muxer's list names, is written to its end.

    It names a file and then writes the last of it, up to 256 KB (libavformat/segment.c, `segment_end`). It closes one
    before it opens the next; the last one is whole when ffmpeg has ended.
    """
    following = f"{int(file.stem) + 1:0{len(file.stem)}d}{file.suffix}"
    return file.with_name(following).exists()
