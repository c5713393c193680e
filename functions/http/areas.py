"""All areas of routes: what `app.py` serves and what `openapi/` describes."""

from typing import Final

from functions.http import accounts, captions, catalogue, delivery, documents, health, operations, uploads, users
from functions.http.routing import Routes

ALL: Final[tuple[Routes, ...]] = (
    health.routes,
    accounts.routes,
    catalogue.routes,
    delivery.routes,
    captions.routes,
    uploads.routes,
    operations.routes,
    users.routes,
    documents.routes,
)
