"""functions/http/delivery.py."""

from __future__ import annotations

from typing import Final

from functions.http import delivery
from openapi import replies
from openapi.declaration import IF_NONE_MATCH, PLAYLIST, Declaration, Parameter, Who
from openapi.replies import Reply
from openapi.shapes import Schema, text

_TAGGED: Final = ("ETag", "Cache-Control")
_MISSING: Final = "Video manifest not found."
_RESOLUTION: Final = {"resolution": "Invalid resolution format. Use e.g. 480p, 720p, 1080p."}
_BYTES: Final[dict[str, Schema]] = {"video/MP2T": {}}

DECLARATIONS: Final = (
    Declaration(
        view=delivery.media_playlist,
        who=Who.MEMBER,
        parameters=(IF_NONE_MATCH,),
        replies={
            200: Reply(
                "The playlist (RFC 8216); its segments are signed URLs that outlive the film. While the film is "
                "encoded for the first time it is an EVENT that grows.",
                {PLAYLIST: text()},
                _TAGGED,
            ),
            304: replies.UNCHANGED,
        },
        refusals={400: _RESOLUTION, 404: _MISSING},
    ),
    Declaration(
        view=delivery.multivariant_playlist,
        who=Who.MEMBER,
        parameters=(IF_NONE_MATCH,),
        replies={
            200: Reply("The playlist of all renditions, lowest first.", {PLAYLIST: text()}, _TAGGED),
            304: replies.UNCHANGED,
        },
        refusals={404: _MISSING},
    ),
    Declaration(
        view=delivery.storyboard,
        who=Who.MEMBER,
        parameters=(IF_NONE_MATCH,),
        replies={
            200: Reply(
                "The track (WebVTT): for each stretch of time `<signed URL of a sheet>#xywh=x,y,width,height`.",
                {"text/vtt": text()},
                _TAGGED,
            ),
            304: replies.UNCHANGED,
        },
        refusals={404: "Storyboard not found."},
    ),
    Declaration(
        view=delivery.media_segment,
        who=Who.MEMBER,
        parameters=(
            IF_NONE_MATCH,
            Parameter(
                "Range", "Which bytes, e.g. `bytes=0-99`; one range (RFC 9110, section 14.2).", text(), place="header"
            ),
            Parameter(
                "If-Range", "The `ETag` of which the range is meant; otherwise it is ignored.", text(), place="header"
            ),
        ),
        replies={
            200: Reply("The segment.", _BYTES, (*_TAGGED, "Accept-Ranges")),
            206: Reply("The bytes that were asked for.", _BYTES, (*_TAGGED, "Accept-Ranges", "Content-Range")),
            304: replies.UNCHANGED,
            307: replies.empty(
                "Too large for this way, or the caller sent no `Accept`: the segment's signed URL.", "Location"
            ),
        },
        refusals={
            400: {"segment": "Invalid segment name. Use e.g. 000.ts."},
            404: "Video segment not found.",
            416: "The range lies outside the segment.",
        },
    ),
)
