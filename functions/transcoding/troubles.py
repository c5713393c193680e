"""Why a film cannot be made, or not now: the exceptions of this folder, and one sentence for each code.

A sentence is for the person who uploaded: it never holds a tool's output nor text that came with the file. What the
tool said decides only which code it is.
"""

from types import MappingProxyType
from typing import Final

from functions.transcoding.process import Finished

SENTENCES: Final = MappingProxyType(
    {
        "not_a_video": "This file is not a video that can be read. Please upload a film, for example as MP4 or WebM.",
        "no_picture": "This file has no moving picture.",
        "too_small_picture": "The picture is smaller than 16 by 16 pixels.",
        "too_large_picture": "The picture is larger than 36 megapixels.",
        "bad_frame_rate": "The film has fewer than one frame in two seconds, or more than 1,000 frames a second.",
        "no_duration": "The film's length cannot be told, or is zero.",
        "too_long": "The film is longer than 6 hours.",
        "unsupported_codec": "The film's picture is in a format that cannot be decoded here (AV1 is one of them). "
        "Please convert it, for example to H.264, and upload it again.",
        "truncated": "The file is incomplete: its end is missing. Please upload it again.",
        "times_begin_anew": "The film's timestamps begin anew in the middle, as in recordings that were put one behind "
        "the other. Please save it anew, for example as MP4, and upload that.",
        "broken": "The file is damaged and cannot be decoded. Please export the film again and upload that.",
        "too_heavy": "Decoding this film needs more memory than there is.",
        "took_too_long": "The film could not be encoded within the time allowed. Please upload a shorter film.",
        "source_missing": "The uploaded file is no longer there. Please upload it again.",
        "allowance_used": "So many minutes of your films were encoded within a day that no more are for now. "
        "Please start this one again tomorrow.",
        "audit_failed": "The encoded film did not pass its check. Please start it again, or upload another export.",
        "worker_lost": "The work on this film was interrupted several times. Please start it again.",
    }
)


class RefusedError(Exception):
    """The film cannot be made, however often one tries.

    Attributes:
        code: One of `SENTENCES`.
        step: The step that gave up, e.g. `probe`.
    """

    def __init__(self, code: str, step: str) -> None:
        self.code, self.step, self.sentence = code, step, SENTENCES[code]
        super().__init__(f"{step}: {code}")


class PassingError(Exception):
    """A trouble that may be over soon: the film is tried again later. The text is for the log."""


class LeaseLostError(Exception):
    """Somebody else has the film now, or nobody needs it any more: stop without a word."""


# What ffmpeg and ffprobe say (lower case), and what it means; the first that fits counts.
_PASSING: Final = (
    "http error 5", "server returned 5xx", "http error 429", "http error 403", "server returned 403",
    "connection refused", "connection reset", "connection timed out", "operation timed out",
    "network is unreachable", "failed to resolve hostname", "stream ends prematurely", "input/output error",
)  # fmt: skip
_FULL: Final = "no space left on device"
_TELLING: Final = (
    ("source_missing", ("http error 404", "server returned 404")),
    ("too_heavy", ("cannot allocate memory", "out of memory", "resource temporarily unavailable")),
    ("too_large_picture", ("max pixel count",)),
    ("truncated", ("moov atom not found", "partial file", "file ended prematurely")),
    ("unsupported_codec", ("no decoder found", "decoder not found", "decoding requested, but no decoder")),
)


def diagnose(done: Finished, step: str, otherwise: str) -> RefusedError | PassingError:
    """Return what it means that a tool failed.

    Args:
        done: How it ended, and what it wrote on standard error.
        step: The step that ran it.
        otherwise: The code if its words tell nothing.
    """
    if done.killed:
        # by a machine that was short of memory, or by a person: the film may be as good as any
        return PassingError(f"{step}: the tool was killed")
    said = done.errors.lower()
    if _FULL in said:
        return PassingError(f"{step}: the temporary folder is full")
    if any(words in said for words in _PASSING):
        return PassingError(f"{step}: the source could not be read to its end")
    for code, phrases in _TELLING:
        if any(words in said for words in phrases):
            return RefusedError(code, step)
    return RefusedError(otherwise, step)


def heed(done: Finished, step: str) -> None:
    """Pass on that a tool failed for now; one that failed for good has only found nothing.

    Raises:
        PassingError: it may go better later.
    """
    trouble = diagnose(done, step, otherwise="broken") if done.code else None
    if isinstance(trouble, PassingError):
        raise trouble
