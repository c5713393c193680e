"""What each area's routes take and answer; the files are called as those of functions/http."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from openapi.areas import (
    captions,
    delivery,
    documents,
    editing,
    health,
    listing,
    operations,
    passwords,
    positions,
    profile,
    sign_in,
    sign_up,
    transcoding,
    uploads,
    users,
)

BY_TAG: Final = MappingProxyType(
    {
        "Accounts": (*sign_up.DECLARATIONS, *sign_in.DECLARATIONS, *passwords.DECLARATIONS, *profile.DECLARATIONS),
        "Videos": (
            *listing.DECLARATIONS,
            *editing.DECLARATIONS,
            *positions.DECLARATIONS,
            *transcoding.DECLARATIONS,
        ),
        "Playback": (*delivery.DECLARATIONS, *captions.DECLARATIONS),
        "Uploads": uploads.DECLARATIONS,
        "Staff": (*users.DECLARATIONS, *operations.DECLARATIONS),
        "Health and documents": (*health.DECLARATIONS, *documents.DECLARATIONS),
    }
)
"""All declarations, by the group in which the documents show them."""
