"""Restores: S3 keeps what it took. What there is no room for, it refuses.

ministack 1.5.33 answers 200 also where the disk is full: the object is in memory only, nobody is told, and the next
start knows nothing of it. Here S3 answers with its own 503, which every client tries again. Some room is left to those
whose changes are small and are taken anyway: accounts, the catalogue, queues. An object that was taken all the same,
because somebody else filled the disk in that moment, is written as soon as there is room.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any, Final

_LEFT: Final = 32 * 1024**2  # bytes
Answer = tuple[int, dict[str, str], bytes]
"""Of ministack's functions: status, headers and body."""


def refusal() -> Answer:
    """Return what S3 answers to what there is no room for."""
    from ministack.services import s3  # noqa: PLC0415 - after the environment is set

    answer: Answer = s3._error("ServiceUnavailable", "The disk of this stack is full.", 503)  # noqa: SLF001
    return answer


class FullDisk:
    """Looks for room before S3 takes something, and keeps what could not be written.

    Attributes:
        folder: Lies on the disk in question.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unwritten: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """Stand before ministack's functions. Private names: all of S3's writes go through these."""
        from ministack.services import s3  # noqa: PLC0415 - after the environment is set

        self._s3 = s3
        self._persist = s3._persist_object  # noqa: SLF001
        for name in ("_put_object", "_upload_part"):  # bucket, key, body, ...
            self._guard(name, lambda arguments: len(arguments[2]))
        self._guard("_post_object", lambda arguments: len(arguments[1]))
        self._guard("_complete_multipart_upload", lambda arguments: self._size_of_parts(arguments[3]))
        s3._persist_object = self._persist_or_keep  # noqa: SLF001

    def load(self) -> None:
        """Nothing is kept over a start: what could not be written was in memory."""

    def save(self) -> None:
        """Write what could not be written when it came."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, {}
        for (account, bucket, key), found in unwritten.items():
            with self._s3._in_account(account):  # noqa: SLF001
                if self._s3._buckets.get(bucket, {}).get("objects", {}).get(key) is found:  # noqa: SLF001
                    self._persist_or_keep(bucket, key, found)

    def _guard(self, name: str, size: Any) -> None:  # noqa: ANN401 - of the arguments of ministack's function
        take = getattr(self._s3, name)

        def take_if_there_is_room(*arguments: Any) -> Any:  # noqa: ANN401
            if shutil.disk_usage(self.folder).free < size(arguments) + _LEFT:
                return refusal()
            return take(*arguments)

        setattr(self._s3, name, take_if_there_is_room)

    def _size_of_parts(self, query: dict[str, list[str]]) -> int:
        upload = self._s3._multipart_uploads.get(self._s3._qp(query, "uploadId"), {})  # noqa: SLF001
        return sum(part["size"] for part in upload.get("parts", {}).values())

    def _persist_or_keep(self, bucket: str, key: str, found: Any) -> None:  # noqa: ANN401 - as ministack calls it
        self._persist(bucket, key, found)
        if isinstance(found, dict) and found.get("body") is not None:  # ministack drops what it has written
            with self._lock:
                self._unwritten[self._s3.get_account_id(), bucket, key] = found
