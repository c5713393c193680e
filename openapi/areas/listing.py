"""functions/http/listing.py."""

from __future__ import annotations

from typing import Final

from functions.catalogue.queries import MAX_LIMIT
from functions.http import listing
from openapi import replies
from openapi.declaration import IF_NONE_MATCH, Declaration, Parameter, Who
from openapi.shapes import choice, named, switch, text, whole
from openapi.shapes import listing as array

_ORDERS: Final = [sign + name for name in ("created_at", "updated_at", "title", "height") for sign in ("-", "")]

DECLARATIONS: Final = (
    Declaration(
        view=listing.list_films,
        who=Who.MEMBER,
        parameters=(
            Parameter(
                "order",
                "`-` in front means descending; anything unknown counts as the default.",
                choice(_ORDERS, default=_ORDERS[0]),
            ),
            Parameter(
                "ready_only",
                "Only videos that play; `0`, `false` and `False` are off. On by default, but with `manage`.",
                switch(),
            ),
            Parameter("category", "Only videos of this category, whatever its case.", text()),
            Parameter(
                "q",
                "Words of which each begins a word of the title or the description, whatever case and accents.",
                text(maxLength=255),
            ),
            Parameter("manage", "Only what the caller may change, ready or not.", switch(default=False)),
            Parameter("continue", "Only what the caller has begun to watch, latest first.", switch(default=False)),
            Parameter(
                "limit",
                f"Videos on a page; more than {MAX_LIMIT} counts as {MAX_LIMIT}.",
                whole(least=1, default=MAX_LIMIT),
            ),
            Parameter(
                "cursor",
                "Where the page begins, out of the `Link` header of the one before. Of a search for very common words,"
                " a page may be short, or empty, and still have a next one.",
                text(),
            ),
            IF_NONE_MATCH,
        ),
        replies={
            200: replies.json(
                "The videos that the caller may see: a bare array.",
                array(named("ListedVideo")),
                "ETag",
                "Link",
                "Cache-Control",
            ),
            304: replies.UNCHANGED,
        },
        refusals={400: {"limit": "Give a whole number from 1 to 1000."}},
    ),
    Declaration(
        view=listing.film_status,
        who=Who.MEMBER,
        replies={200: replies.json("The video's life.", named("VideoStatus"))},
        refusals={404: "Video not found."},
    ),
)
