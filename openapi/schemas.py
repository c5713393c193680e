"""The schemas that have a name: what answers are made of."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from functions.catalogue import text as texts
from functions.catalogue.film import State
from functions.errors import NON_FIELD
from functions.transcoding.ladder import LADDER
from openapi.shapes import (
    Schema,
    address,
    by_name,
    choice,
    constant,
    listing,
    moment,
    named,
    nullable,
    number,
    record,
    switch,
    text,
    whole,
)

_SENTENCES = listing(text(example="Enter a valid email address."), minItems=1)

FILM_ID: Final = whole(example=1, least=1, description="Stable: the same film for ever, in every call.")
PERSON_ID: Final = whole(example=2, least=1)
EMAIL: Final = text(example="new@example.com")
SECONDS: Final = number(example=12.5, least=0, description="Seconds from the film's beginning.")
POSTER_AT: Final = nullable(
    number(
        example=12.5, least=0, description="Seconds into the film of its poster; null: one is chosen that is not black."
    )
)
PERCENT: Final = number(example=42.0, least=0, maximum=100)
ETAG: Final = text(example="9b2cf535f27731c974343645a3985328", description="As S3 answered when the part was sent.")
PART_NUMBER: Final = whole(example=1, least=1)

TITLE: Final = text(example="Demo Video", maxLength=texts.MAX_TITLE)
DESCRIPTION: Final = text(example="A film to try things with.", maxLength=texts.MAX_DESCRIPTION)
CATEGORY: Final = text(
    example="drama",
    maxLength=40,
    description="`drama`, `romance`, `action`, `documentary`, `comedy`, or another that somebody named.",
)

# White space around a text that is sent does not count, so no schema can say how long it may be.
SENT_TITLE: Final = text(example="Demo Video", description=f"At most {texts.MAX_TITLE} characters.")
SENT_DESCRIPTION: Final = text(
    example="A film to try things with.", description=f"At most {texts.MAX_DESCRIPTION} characters."
)
SENT_CATEGORY: Final = text(example="drama", description="1 to 40 letters, digits, spaces, hyphens or underscores.")

_FAILURE = record(
    {
        "code": text(example="not_a_video", description="For programs."),
        "message": text(example="This file has no moving picture.", description="A sentence for people."),
        "step": text(example="probe", description="The step that gave up."),
    }
)
_FILM: dict[str, Schema] = {
    "id": FILM_ID,
    "created_at": moment(),
    "title": TITLE,
    "description": DESCRIPTION,
    "thumbnail_url": address(description="Signed, so it loads without credentials; empty before there is a picture."),
    "category": CATEGORY,
}
_DURATION = nullable(number(example=14.5, least=0, description="Seconds; null before the film was ready once."))
_ACCOUNT: dict[str, Schema] = {
    "id": PERSON_ID,
    "email": EMAIL,
    "username": text(example="new@example.com", description="The same address: existing frontends read this name."),
    "is_staff": switch(example=False),
    "is_active": switch(example=True),
    "created_at": moment(),
}
_PART = record({"number": PART_NUMBER, "url": address(description="Where to PUT this part.")})
_STEPS: dict[str, Schema] = {
    "complete_url": address(example="http://127.0.0.1:8000/api/video/7/upload/complete/"),
    "abort_url": address(example="http://127.0.0.1:8000/api/video/7/upload/abort/"),
    "expires_at": moment(description="When the signed addresses stop working."),
}

NAMED: Final = MappingProxyType(
    {
        "Errors": record(
            {
                "errors": by_name(
                    _SENTENCES,
                    minProperties=1,
                    description=f"Sentences by field; `{NON_FIELD}` where no field is meant.",
                )
            },
            description="What every refusal looks like. A sentence never repeats what was sent.",
        ),
        "Fault": record(
            {"errors": by_name(_SENTENCES), "request_id": text()},
            description="A fault of ours: the id by which an operator finds it in the log.",
        ),
        "ActivationErrors": record(
            {"errors": listing(text(example="Invalid or expired activation link."), minItems=1)},
            description="The one refusal of another shape, as the original has it.",
        ),
        "Detail": record({"detail": text()}),
        "Health": record({"ok": {"const": True, "examples": [True]}}),
        "Readiness": record(
            {
                "ok": switch(example=True),
                "dependencies": by_name(
                    switch(), description="Whether each answers.", examples=[{"accounts_table": True}]
                ),
                "errors": by_name(_SENTENCES),
            },
            optional=["errors"],
        ),
        "Registered": record(
            {
                "user": record({"id": PERSON_ID, "email": EMAIL}),
                "uidb64": text(example="MTM"),
                "token": text(example="c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"),
            },
            optional=["uidb64", "token"],
            description="`uidb64` and `token` only where EXPOSE_ACTIVATION_TOKEN is on (local stacks).",
        ),
        "Activated": record({"message": constant("Account successfully activated.")}),
        "LoggedIn": record(
            {
                "detail": constant("Login successful"),
                "user": record({"id": PERSON_ID, "username": text(example="demo@videoflix.local")}),
            }
        ),
        "Refreshed": record(
            {
                "detail": constant("Token refreshed"),
                "access": text(example="eyJhbGciOiJIUzI1NiJ9.e30.c2ln", description="For `Authorization: Bearer`."),
            }
        ),
        "Account": record(_ACCOUNT),
        "AccountExport": record(
            {
                "account": record(
                    _ACCOUNT
                    | {
                        "activated_at": nullable(moment()),
                        "password": text(example="bcrypt_sha256", description="The scheme of its hash."),
                    }
                ),
                "sessions": listing(
                    record({"started_at": moment(), "refreshed_at": moment(), "expires_at": moment()}),
                ),
                "links": listing(
                    record(
                        {"kind": choice(["activate", "reset"]), "expires_at": moment()},
                        description="That a link was mailed; never its token.",
                    )
                ),
                "known_networks": listing(
                    record(
                        {"network": text(example="192.0.2.1"), "expires_at": moment()},
                        description="Where somebody logged in from: an IPv4 address, or the /64 of an IPv6 one.",
                    )
                ),
                "films": listing(
                    record(
                        {
                            "id": FILM_ID,
                            "title": TITLE,
                            "description": DESCRIPTION,
                            "category": CATEGORY,
                            "published": switch(),
                            "created_at": moment(),
                            "updated_at": moment(),
                            "source_key": text(example="film.mp4"),
                        }
                    )
                ),
                "positions": listing(record({"video_id": FILM_ID, "seconds": SECONDS, "watched_at": moment()})),
            }
        ),
        "ListedVideo": record(
            _FILM
            | {
                "position": SECONDS,
                "duration": _DURATION,
                "owner_id": whole(least=0, description="0: nobody."),
                "published": switch(),
                "ready": switch(description="Whether there is something to play."),
            },
            optional=["position", "duration", "owner_id", "published", "ready"],
            description="With `continue=true` also `position` and `duration`; with `manage=true` also `owner_id`, "
            "`published`, `ready` and `duration`.",
        ),
        "Video": record(
            _FILM
            | {
                "updated_at": moment(),
                "published": switch(example=True),
                "poster_url": address(
                    description="The thumbnail, larger: 1280 pixels at most; empty where there is none."
                ),
                "poster_at": POSTER_AT,
                "state": choice(State),
                "duration": _DURATION,
                "height": nullable(whole(example=720, least=1, description="Pixels, of the source.")),
            }
        ),
        "VideoStatus": record(
            {
                "id": FILM_ID,
                "state": choice(State),
                "percent": PERCENT,
                "renditions": by_name(
                    record({"percent": PERCENT, "state": choice(State)}),
                    propertyNames={"enum": [rung.name for rung in LADDER]},
                    examples=[{"480p": {"percent": 55.0, "state": "encoding"}}],
                ),
                "timeline": listing(record({"at": moment(), "event": text(example="received")})),
                "failure": nullable(_FAILURE),
                "cost": record({"gb_seconds": number(least=0, example=0.0), "usd": number(least=0, example=0.0)}),
                "playable": switch(description="Whether it plays: already, though it is still encoded, or still."),
            }
        ),
        "VideoPlan": record(
            {
                "id": FILM_ID,
                "duration": number(example=596.458, least=0, description="Seconds."),
                "frame_rate": number(example=24.0, least=0, description="Frames per second."),
                "segments": whole(example=101, least=1, description="Of each rendition."),
                "chunks": whole(example=10, least=0, description="Parts that are encoded side by side."),
                "renditions": listing(
                    record(
                        {
                            "name": choice([rung.name for rung in LADDER]),
                            "width": whole(example=1280, least=2),
                            "height": whole(example=720, least=2),
                            "codecs": text(example="avc1.640020,mp4a.40.2", description="RFC 6381."),
                            "bandwidth": whole(
                                example=5_000_000,
                                least=0,
                                description="Bits per second of its heaviest segment; while it is made, a bound of it.",
                            ),
                            "copied": switch(description="Whether it is the source's own picture, not encoded."),
                        }
                    ),
                    minItems=1,
                    description="Lowest first.",
                ),
                "cost": nullable(
                    record(
                        {
                            "gb_seconds": number(least=0, example=118.2, description="Of Lambda."),
                            "requests": whole(least=0, example=330, description="Lambda calls and S3 PUTs."),
                            "bytes": whole(least=0, example=301_113_000, description="Stored for viewers."),
                            "usd": number(least=0, example=0.0021, description="About, at AWS's list prices."),
                        }
                    )
                ),
            },
            description="While a video is encoded what is going to be, with no cost yet; then what was published.",
        ),
        "Captions": record(
            {
                "language": text(example="de"),
                "name": text(example="Deutsch", description="What the language calls itself."),
                "cues": whole(example=412, least=0),
                "updated_at": moment(),
                "url": address(example="http://127.0.0.1:8000/api/video/1/captions/de/"),
            }
        ),
        "Accepted": record({"detail": text(example="Transcode accepted"), "video_id": FILM_ID}),
        "Position": record({"seconds": SECONDS}),
        "UploadInParts": record(
            {
                "method": constant("multipart"),
                "part_size": whole(example=8_388_608, least=1, description="Bytes of each part but the last."),
                "parts": listing(_PART, minItems=1),
                "parts_url": address(example="http://127.0.0.1:8000/api/video/7/upload/parts/"),
            }
            | _STEPS
        ),
        "UploadInOnePiece": record(
            {
                "method": constant("POST"),
                "url": address(description="Where to POST a form of `fields`, and the file as its last field, `file`."),
                "fields": by_name(text()),
                "put_url": address(description="Where to PUT the file instead."),
            }
            | _STEPS
        ),
        "UploadInstructions": record(
            {"id": FILM_ID, "upload": {"anyOf": [named("UploadInOnePiece"), named("UploadInParts")]}}
        ),
        "ArrivedParts": record(
            {
                "size": whole(example=1_073_741_824, least=1, description="Bytes of the file, as announced."),
                "part_size": whole(example=8_388_608, least=0),
                "part_count": whole(example=128, least=0),
                "parts": listing(record({"number": PART_NUMBER, "etag": ETAG, "size": whole(example=1, least=0)})),
            }
        ),
        "SignedParts": record({"parts": listing(_PART, minItems=1), "expires_at": moment()}),
        "FailedVideo": record(
            {
                "id": FILM_ID,
                "title": TITLE,
                "owner_id": whole(least=0, description="0: nobody."),
                "published": switch(),
                "attempt": whole(least=0),
                "failed_at": moment(),
                "failure": nullable(_FAILURE),
            }
        ),
    }
)
"""Every named schema: `#/components/schemas/<name>`."""
