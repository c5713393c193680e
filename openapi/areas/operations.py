"""functions/http/operations.py."""

from __future__ import annotations

from typing import Final

from functions.http import operations
from openapi import replies
from openapi.declaration import Declaration, Parameter, Who
from openapi.shapes import listing, named, whole

DECLARATIONS: Final = (
    Declaration(
        view=operations.failed_films,
        who=Who.STAFF,
        parameters=(Parameter("limit", "Videos in the answer; at most 200.", whole(least=1, default=200)),),
        replies={200: replies.json("Videos that failed, latest first.", listing(named("FailedVideo")))},
        refusals={400: {"limit": "Give a whole number from 1 to 200."}},
    ),
    Declaration(
        view=operations.retry_film,
        who=Who.STAFF,
        replies={202: replies.json("Queued.", named("Accepted"))},
        refusals={404: "Video not found.", 409: "This video has not failed."},
    ),
    Declaration(
        view=operations.admin,
        who=Who.ANYBODY,
        replies={302: replies.empty("To the studio page.", "Location")},
        refusals={404: "Not found."},
    ),
)
