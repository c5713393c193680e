"""functions/http/uploads.py."""

from __future__ import annotations

from typing import Final

from functions.http import editing, positions, uploads
from functions.http.listing import film_status
from functions.uploads import sizes
from openapi import replies
from openapi.areas.editing import CHANGING
from openapi.declaration import JSON, MULTIPART, Body, Declaration, Who, fields
from openapi.schemas import ETAG, PART_NUMBER, SENT_CATEGORY, SENT_DESCRIPTION, SENT_TITLE
from openapi.shapes import Schema, listing, named, nullable, or_text, record, switch, text, whole

_FILE: Final[dict[str, Schema]] = {
    "size": or_text(
        whole(
            example=524_288_000,
            least=1,
            description=(
                f"Bytes of the file. Up to {sizes.ONE_PIECE // 1024**2} MiB it is sent in one piece, above in parts; "
                "the largest allowed is a setting (MAX_UPLOAD_SIZE)."
            ),
        )
    ),
    "content_type": nullable(text(example="video/mp4", description="Media type of the file.")),
    "multipart": nullable(
        or_text(switch(default=False, description="In parts, which can be paused between, whatever the size."))
    ),
}
_ANNOUNCEMENT: Final = record(
    _FILE
    | {
        "filename": nullable(
            text(example="film.mp4", maxLength=1024, description="Makes the title where none is given.")
        ),
        "title": nullable(SENT_TITLE),
        "description": nullable(SENT_DESCRIPTION),
        "category": nullable(SENT_CATEGORY),
        "publish": nullable(or_text(switch(example=True))),
    },
    description="Null and empty texts count as absent.",
    optional=["content_type", "multipart", "filename", "title", "description", "category", "publish"],
)
_FORM: Final = record(
    {"file": {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}},
    description="The original's form: what fits into a request (10 MB on the local stacks, some 4.5 MB on AWS).",
)
_OVER: Final = "This upload is over. Begin a new one."

DECLARATIONS: Final = (
    Declaration(
        view=uploads.announce_film,
        who=Who.MEMBER,
        body=fields(_ANNOUNCEMENT),
        replies={201: replies.json("The new video, and how to send its file.", named("UploadInstructions"))},
        refusals={400: {"size": "Give the size of the file in bytes, a whole number."}, 429: ""},
        leads_to=(
            editing.show_film,
            editing.edit_film,
            editing.delete_film,
            film_status,
            positions.put_position,
            uploads.list_parts,
            uploads.sign_parts,
            uploads.complete_upload,
            uploads.abort_upload,
        ),
    ),
    Declaration(
        view=uploads.replace_content,
        who=Who.OWNER,
        body=Body({JSON: record(_FILE, optional=["content_type", "multipart"]), MULTIPART: _FORM}),
        replies={
            201: replies.json(
                "How to send the file; or, of a form, that it has arrived.",
                {"anyOf": [named("UploadInstructions"), named("Accepted")]},
                example={"detail": "Upload ok", "video_id": 7},
            )
        },
        refusals={400: {"file": "No file was submitted."}, 409: CHANGING, 429: ""},
    ),
    Declaration(
        view=uploads.list_parts,
        who=Who.OWNER,
        replies={200: replies.json("What has arrived.", named("ArrivedParts"))},
        refusals={409: _OVER},
    ),
    Declaration(
        view=uploads.sign_parts,
        who=Who.OWNER,
        body=fields(record({"numbers": listing(PART_NUMBER, minItems=1, uniqueItems=True)})),
        replies={200: replies.json("Fresh addresses, for an hour.", named("SignedParts"))},
        refusals={400: {"numbers": "There is no part of such a number."}, 409: _OVER},
    ),
    Declaration(
        view=uploads.complete_upload,
        who=Who.OWNER,
        body=fields(
            record({"parts": listing(record({"number": PART_NUMBER, "etag": ETAG}))}, optional=["parts"]),
            required=False,
            description="Every part once; nothing where the file came in one piece.",
        ),
        replies={200: replies.json("The file is whole and its film queued.", named("Accepted"))},
        refusals={400: {"parts": "Name every part once, with its number and its etag."}, 409: _OVER},
    ),
    Declaration(
        view=uploads.abort_upload,
        who=Who.OWNER,
        replies={200: replies.json("The upload is over and its parts are gone.", named("Accepted"))},
        refusals={409: CHANGING},
    ),
)
