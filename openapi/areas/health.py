"""functions/http/health.py."""

from __future__ import annotations

from typing import Final

from functions.http import health
from openapi import replies
from openapi.declaration import Declaration, Who
from openapi.shapes import named

DECLARATIONS: Final = (
    Declaration(
        view=health.healthz, who=Who.ANYBODY, replies={200: replies.json("The process answers.", named("Health"))}
    ),
    Declaration(
        view=health.readyz,
        who=Who.ANYBODY,
        replies={
            200: replies.json("Every dependency answers.", named("Readiness")),
            503: replies.json("A dependency does not answer.", named("Readiness")),
        },
    ),
)
