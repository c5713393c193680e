"""How much somebody may upload: times a minute, times and bytes a day, each a setting, counted by all workers together.

An upload counts when it is announced, with the bytes that it announces: storage takes no more than those at once, and
an address that was signed works whether or not anybody has time to look. What is cancelled or never sent stays counted,
or whoever sends and cancels in turns would have no quota. Files that an operator drops into the bucket count for
nobody: who may do that holds credentials of the installation's own AWS account.
"""

from __future__ import annotations

from functions.accounts.limits import DAY, Counter, hit
from functions.errors import ThrottledError, TooLargeError
from functions.settings import current


def largest() -> int:
    """Return the bytes of the largest file that anybody may upload."""
    return min(current().max_upload_size, current().upload_bytes_per_day)


def count(person_id: int, size: int) -> None:
    """Count an upload of `size` bytes.

    Raises:
        TooLargeError: the file is larger than `largest`.
        ThrottledError: the person has begun enough of them, or has no room left for so many bytes; then the bytes
            were not counted.
    """
    if size > largest():
        raise TooLargeError(f"The file is too large: at most {largest()} bytes.")
    key = str(person_id)
    hit("upload", key, current().uploads_per_minute)
    hit("upload-day", key, current().uploads_per_day, DAY)
    volume = Counter("upload-bytes", key, current().upload_bytes_per_day, DAY)
    try:
        volume.hit(size)
    except ThrottledError as error:
        left = f"{volume.room()} of {volume.limit} bytes are left"
        raise ThrottledError(
            error.retry_after, f"The file is larger than what you may still upload today: {left}."
        ) from None
