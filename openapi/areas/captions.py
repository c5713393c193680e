"""functions/http/captions.py."""

from __future__ import annotations

from typing import Final

from functions.http import captions
from openapi import replies
from openapi.areas.editing import CHANGING
from openapi.declaration import IF_NONE_MATCH, PLAYLIST, Body, Declaration, Who
from openapi.replies import Reply
from openapi.shapes import listing, named, text

_WEBVTT: Final = text(example="WEBVTT\n\n00:01.000 --> 00:03.000\nHello.\n")
_SUBRIP: Final = text(example="1\n00:00:01,000 --> 00:00:03,000\nHello.\n")
_TAGGED: Final = ("ETag", "Cache-Control")
_NO_LANGUAGE: Final = {"language": "Give a language tag such as de, en or pt-BR."}
_MISSING: Final = "Captions not found."

DECLARATIONS: Final = (
    Declaration(
        view=captions.list_captions,
        who=Who.MEMBER,
        replies={200: replies.json("The captions, by language.", listing(named("Captions")))},
        refusals={404: "Video not found."},
    ),
    Declaration(
        view=captions.show_captions,
        who=Who.MEMBER,
        parameters=(IF_NONE_MATCH,),
        replies={200: Reply("The captions as WebVTT.", {"text/vtt": _WEBVTT}, _TAGGED), 304: replies.UNCHANGED},
        refusals={400: _NO_LANGUAGE, 404: _MISSING},
    ),
    Declaration(
        view=captions.put_captions,
        who=Who.OWNER,
        body=Body(
            {
                "text/vtt": _WEBVTT,
                "application/x-subrip": _SUBRIP,
                "text/srt": _SUBRIP,
                "text/plain": _WEBVTT,
                "application/octet-stream": _WEBVTT,
            },
            description="The file itself; its content decides the format.",
        ),
        replies={
            200: replies.json("The captions, in the place of those before.", named("Captions")),
            201: replies.json("The first captions in this language.", named("Captions")),
        },
        refusals={
            400: {"captions": "Line 3: the cue ends before it begins."},
            409: CHANGING,
            413: {"captions": "The file is larger than 2 MB."},
            415: "Send the file itself, as text/vtt or application/x-subrip.",
            429: "",
        },
    ),
    Declaration(
        view=captions.delete_captions,
        who=Who.OWNER,
        replies={204: replies.empty("Taken away.")},
        refusals={400: _NO_LANGUAGE, 404: _MISSING, 409: CHANGING},
    ),
    Declaration(
        view=captions.subtitle_playlist,
        who=Who.MEMBER,
        parameters=(IF_NONE_MATCH,),
        replies={
            200: Reply("The playlist: one segment, as a signed URL.", {PLAYLIST: text()}, _TAGGED),
            304: replies.UNCHANGED,
        },
        refusals={400: _NO_LANGUAGE, 404: _MISSING},
    ),
)
