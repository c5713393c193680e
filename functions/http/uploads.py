"""The way in of films (contract, section 4). Checks come in the order 401, 404, 403, 400, 409; then limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from functions import settings, wiring
from functions.errors import REQUEST_TOO_LARGE, ConflictError, InvalidInputError, TooLargeError
from functions.http import file_form, films, identity
from functions.http.call import Answer, Call
from functions.http.form import Form
from functions.http.routing import Routes
from functions.times import utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.accounts.people import Person
    from functions.catalogue.film import Film
    from functions.catalogue.reservation import Draft
    from functions.uploads.multipart import Address

routes = Routes()

_REQUEST_LIMIT = 10 * 1024 * 1024  # bytes; API Gateway's, which other servers of this app do not have
_FILENAME_LIMIT = 1024  # characters; what S3 takes as a key
_VIDEO = re.compile(r"(video/[a-z0-9][a-z0-9.+-]{0,60}|application/(octet-stream|mp4|mxf|ogg|x-matroska))?", re.ASCII)
_ETAG = re.compile(r'"?[0-9A-Za-z-]{1,100}"?', re.ASCII)
_NUMBERS = "Give a list of the numbers of parts, each once."
_PARTS = 'Give a list of parts, each as {"number": 1, "etag": "..."}.'


@routes.on("POST", "/api/video")
def announce_film(call: Call) -> Answer:
    """Create a film and say how its file is to be uploaded."""
    person = identity.caller(call)
    form = _Announcement(call.fields())
    draft, content_type, in_parts = _draft(form, person), form.content_type(), form.in_parts()
    form.check()
    wiring.quota.count(person.id, draft.size)
    film = wiring.reservation.reserve(draft)
    return _instructions(film, film.source.key, draft.size, content_type, in_parts=in_parts)


@routes.on("POST", "/api/video/{video_id}/upload", "/api/videos/{video_id}/upload")
def replace_content(call: Call, video_id: str) -> Answer:
    """Give a film its first content, or new: a form with the file itself, or JSON, for instructions to upload it."""
    person = identity.caller(call)
    film = films.changeable(person, video_id)
    if call.content_type == file_form.MEDIA_TYPE:
        return _store(call, person, film)
    form = _Announcement(call.fields())
    size, content_type, in_parts = form.size(), form.content_type(), form.in_parts()
    form.check()
    wiring.quota.count(person.id, size)
    return _instructions(film, wiring.reservation.new_key(film.id), size, content_type, in_parts=in_parts)


@routes.on("GET", "/api/video/{video_id}/upload/parts")
def list_parts(call: Call, video_id: str) -> Answer:
    """Say which parts have arrived, so that an interrupted upload can go on."""
    film = films.changeable(identity.caller(call), video_id)
    upload = wiring.multipart.of(film)
    arrived = wiring.multipart.arrived(upload)
    return Answer(
        {
            "size": upload.size,
            "part_size": upload.part_size,
            "part_count": wiring.multipart.count(upload),
            "parts": [{"number": part.number, "etag": part.etag, "size": part.size} for part in arrived],
        }
    )


@routes.on("POST", "/api/video/{video_id}/upload/parts")
def sign_parts(call: Call, video_id: str) -> Answer:
    """Give fresh addresses for parts."""
    film = films.changeable(identity.caller(call), video_id)
    numbers = _numbers(call)
    upload = wiring.multipart.of(film)
    if not set(numbers) <= set(range(1, wiring.multipart.count(upload) + 1)):
        raise InvalidInputError({"numbers": ["There is no part of such a number."]})
    wiring.multipart.arrived(upload)  # or the addresses would be of an upload that is over
    expires_at = wiring.beginning.expiry()
    return Answer({"parts": _addresses(wiring.multipart.addresses(upload, numbers)), "expires_at": utc(expires_at)})


@routes.on("POST", "/api/video/{video_id}/upload/complete")
def complete_upload(call: Call, video_id: str) -> Answer:
    """Put the parts together, after which the film is encoded. Doing so twice is fine."""
    film = films.changeable(identity.caller(call), video_id)
    parts = _parts(call)
    upload = wiring.multipart.of(film)
    wiring.multipart.complete(upload, parts)
    _register(upload.key)
    return Answer({"detail": "Upload complete", "video_id": film.id})


@routes.on("POST", "/api/video/{video_id}/upload/abort")
def abort_upload(call: Call, video_id: str) -> Answer:
    """End an upload and forget its parts. Doing so twice is fine, and after its completion nothing happens."""
    film = films.changeable(identity.caller(call), video_id)
    wiring.multipart.abort(film)
    return Answer({"detail": "Upload aborted", "video_id": film.id})


def _store(call: Call, person: Person, film: Film) -> Answer:
    if len(call.body) > _REQUEST_LIMIT:
        raise TooLargeError(REQUEST_TOO_LARGE)
    file = file_form.read(call, "file")
    wiring.quota.count(person.id, len(file.content))
    _register(wiring.direct.store(film, file.content, _video_type(file.content_type) or ""))
    return Answer({"detail": "Upload ok", "video_id": film.id}, 201)


def _register(key: str) -> None:
    """Do what the storage's event does, so that nobody waits for one that is late. Both may happen.

    Raises:
        ConflictError: it was cancelled at this moment.
    """
    if wiring.ingest.on_object(settings.current().uploads_bucket, key, "") is None:
        raise ConflictError(wiring.multipart.OVER)


def _instructions(film: Film, key: str, size: int, content_type: str, *, in_parts: bool) -> Answer:
    to_do = wiring.beginning.begin(film, key, size, content_type, in_parts=in_parts)
    steps = f"{settings.current().api_base_url}/api/video/{film.id}/upload"
    upload: dict[str, object]
    if to_do.parts:
        upload = {
            "method": "multipart",
            "part_size": to_do.part_size,
            "parts": _addresses(to_do.parts),
            "parts_url": f"{steps}/parts/",
        }
    else:
        upload = {"method": "POST", "url": to_do.url, "fields": dict(to_do.fields), "put_url": to_do.put_url}
    upload |= {
        "complete_url": f"{steps}/complete/",
        "abort_url": f"{steps}/abort/",
        "expires_at": utc(to_do.expires_at),
    }
    return Answer({"id": film.id, "upload": upload}, 201)


def _addresses(parts: Sequence[Address]) -> list[dict[str, object]]:
    return [{"number": part.number, "url": part.url} for part in parts]


class _Announcement(Form):
    """What is said of a file before it is sent. Null and empty fields count as absent."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        said = {name: value for name, value in fields.items() if value not in (None, "")}
        super().__init__(said)
        self._said = said

    def size(self) -> int:
        """Return the file's size in bytes."""
        value, most = self._said.get("size"), wiring.quota.largest()
        if isinstance(value, str) and value.isdecimal():
            value = int(value[:20])
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong("size", "Give the size of the file in bytes, a whole number.")
            return 0
        if value < 1:
            self.wrong("size", "The file is empty.")
        if value > most:
            self.wrong("size", f"The file is too large: at most {most} bytes.")
        return value

    def content_type(self) -> str:
        """Return the file's media type without parameters, or an empty text where none was said."""
        return _video_type(self.optional("content_type", rules=_content_type_faults) or "") or ""

    def in_parts(self) -> bool:
        """Return whether the client asks for parts, which it can pause between, whatever the file's size."""
        return bool(self.switch("multipart"))


def _draft(form: _Announcement, person: Person) -> Draft:
    text = wiring.text
    return wiring.reservation.Draft(
        owner_id=person.id,
        size=form.size(),
        filename=form.optional("filename", rules=_filename_faults) or "",
        title=form.optional("title", rules=text.title_faults) or "",
        description=form.optional("description", rules=text.description_faults) or "",
        category=form.optional("category", rules=text.category_faults) or "",
        published=form.switch("publish"),
    )


def _filename_faults(name: str) -> list[str]:
    return [f"Use at most {_FILENAME_LIMIT} characters."] if len(name) > _FILENAME_LIMIT else []


def _content_type_faults(text: str) -> list[str]:
    return [] if _video_type(text) is not None else ["Only films can be uploaded: give a video's media type, or none."]


def _video_type(text: str) -> str | None:
    """Return a media type that a film can have, without parameters; None: no film has it."""
    name = text.partition(";")[0].strip().lower()
    return name if _VIDEO.fullmatch(name) else None


def _numbers(call: Call) -> list[int]:
    sent = call.fields().get("numbers")
    numbers = [n for n in sent if type(n) is int] if isinstance(sent, list) else []
    if not numbers or sent != numbers or len(set(numbers)) != len(numbers):
        raise InvalidInputError({"numbers": [_NUMBERS]})
    return numbers


def _parts(call: Call) -> list[tuple[int, str]]:
    """Return the parts that are named; none are where the file came in one piece."""
    parts = call.fields().get("parts", [])
    if not isinstance(parts, list):
        raise InvalidInputError({"parts": [_PARTS]})
    return [_part(part) for part in parts]


def _part(part: object) -> tuple[int, str]:
    match part:
        case {"number": int(number), "etag": str(etag)} if type(number) is int and _ETAG.fullmatch(etag):
            return number, etag
    raise InvalidInputError({"parts": [_PARTS]})
