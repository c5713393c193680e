"""Restores: the parts of an upload that is not finished are on disk, and there after a restart.

ministack 1.5.33 holds their bytes in memory, and a start knows of no unfinished upload: who paused a film and stopped
the stack had to send all of it again, and a film of 6 GB took 6 GB for as long as it was paused. Here the parts of an
upload are appended to one file of its own; they are mapped when the upload is completed.
"""

from __future__ import annotations

import json
import mmap
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from localstack.embedded import lines
from localstack.embedded.corrections import full_disk
from localstack.embedded.corrections.full_disk import Answer
from localstack.embedded.snapshots import write_whole

_UPLOAD_ID = re.compile(rb"<UploadId>([^<]+)</UploadId>")


class UploadedParts:
    """Stands before ministack's functions for uploads in parts. Private names: all of them go through these."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}

    def install(self) -> None:
        """Bring back what a former start took, and keep on disk what comes."""
        from ministack.services import s3  # noqa: PLC0415 - after the environment is set

        self._s3 = s3
        self._uploads = s3._multipart_uploads  # noqa: SLF001
        self._load()
        s3._create_multipart_upload = self._created(s3._create_multipart_upload)  # noqa: SLF001
        s3._upload_part = self._taken(s3._upload_part)  # noqa: SLF001
        s3._complete_multipart_upload = self._over(s3._complete_multipart_upload, query=3)  # noqa: SLF001
        s3._abort_multipart_upload = self._over(s3._abort_multipart_upload, query=2)  # noqa: SLF001

    def _load(self) -> None:
        for folder in self._folder.glob("*"):
            try:
                account, upload = json.loads((folder / "upload.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                shutil.rmtree(folder, ignore_errors=True)  # of an upload that was just begun, or just over
                continue
            self._files[folder.name] = file = _File(folder)
            upload["parts"] = dict(file.parts())
            self._uploads._data[account, folder.name] = upload  # noqa: SLF001 - of whichever account

    def _created(self, create: Callable[..., Answer]) -> Callable[..., Answer]:
        def created(*arguments: Any) -> Answer:  # noqa: ANN401 - bucket, key, headers
            answer = create(*arguments)
            found = _UPLOAD_ID.search(answer[2])
            if found is None:
                return answer
            upload_id = found[1].decode()
            try:
                self._files[upload_id] = _File.of(
                    self._folder / upload_id, [self._s3.get_account_id(), self._uploads[upload_id]]
                )
            except OSError:
                del self._uploads[upload_id]
                return full_disk.refusal()
            return answer

        return created

    def _taken(self, take: Callable[..., Answer]) -> Callable[..., Answer]:
        def taken(bucket: str, key: str, body: bytes, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
            answer = take(bucket, key, body, query, headers)
            if "ETag" not in answer[1]:
                return answer
            upload_id, number = self._s3._qp(query, "uploadId"), int(self._s3._qp(query, "partNumber"))  # noqa: SLF001
            parts = self._uploads[upload_id]["parts"]
            try:
                parts[number] = self._files[upload_id].add(number, parts[number])
            except OSError:  # after the look for room somebody else has filled the disk
                del parts[number]
                return full_disk.refusal()
            return answer

        return taken

    def _over(self, end: Callable[..., Answer], *, query: int) -> Callable[..., Answer]:
        def over(*arguments: Any) -> Answer:  # noqa: ANN401 - `query` says which of them is the address's
            answer = end(*arguments)
            upload_id = self._s3._qp(arguments[query], "uploadId")  # noqa: SLF001
            if upload_id in self._files and upload_id not in self._uploads:
                self._files.pop(upload_id).remove()
            return answer

        return over


class _File:
    """The parts of one upload: their bytes one after the other as they came, and a line for each that says where."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bytes = folder / "bytes"
        self._places = folder / "parts.jsonl"
        self._mapped: memoryview = memoryview(b"")

    @classmethod
    def of(cls, folder: Path, upload: list[Any]) -> _File:
        """Make the folder of an upload that has just begun: whose account's it is, and what ministack knows of it."""
        folder.mkdir(parents=True)
        write_whole(folder / "upload.json", json.dumps(upload).encode())
        return cls(folder)

    def add(self, number: int, part: dict[str, Any]) -> _Part:
        """Append a part; what was sent under its number before stays in the file and counts no more."""
        with self._bytes.open("ab") as file:
            start = file.tell()
            file.write(part["body"])
        known = {name: value for name, value in part.items() if name != "body"}
        lines.append(self._places, [(number, start, known)])
        return _Part(known, self, start)

    def parts(self) -> Iterator[tuple[int, _Part]]:
        """Give each part with its number, the newest of a number last."""
        size = self._bytes.stat().st_size if self._bytes.exists() else 0
        for number, start, known in lines.read(self._places) if self._places.exists() else ():
            if start + known["size"] <= size:
                yield number, _Part(known, self, start)

    def piece(self, start: int, size: int) -> memoryview:
        """Return bytes of the file, mapped: one map for all, as each would hold the file open."""
        if start + size > len(self._mapped):
            with self._bytes.open("rb") as file:
                self._mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return self._mapped[start : start + size]

    def remove(self) -> None:
        """Remove all of it; the line about the upload first, without which the rest is nothing."""
        self._mapped = memoryview(b"")
        (self._folder / "upload.json").unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)


class _Part(dict[str, Any]):
    """A part as ministack knows it, but that its bytes are read when they are asked for."""

    def __init__(self, known: dict[str, Any], file: _File, start: int) -> None:
        super().__init__(known)
        self._file, self._start = file, start

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - as any dictionary's
        known = super().__getitem__("size" if name == "body" else name)
        return self._file.piece(self._start, known) if name == "body" else known
