"""The one decision of who may see a film and who may change it. Every route and every signer asks here."""

from typing import Protocol

from functions.catalogue.film import Listing


class Viewer(Protocol):
    """Who is asking."""

    @property
    def id(self) -> int:
        """The account's number."""

    @property
    def is_staff(self) -> bool:
        """Whether they run this service."""


def may_change(film: Listing, viewer: Viewer) -> bool:
    """Whether `viewer` may change or delete `film`: its owner and staff may."""
    return viewer.is_staff or film.owner_id == viewer.id


def may_see(film: Listing, viewer: Viewer) -> bool:
    """Whether `viewer` may see anything of `film`: everybody if it is published, else its owner and staff."""
    return film.published or may_change(film, viewer)
