"""Who may see and change a film."""

import pytest

from functions.catalogue import access
from tests.unit.catalogue.films import OTHER, OWNER, STAFF, make_ready


@pytest.mark.parametrize(
    ("viewer", "published", "sees", "changes"),
    [
        (OWNER, True, True, True),
        (OWNER, False, True, True),
        (OTHER, True, True, False),
        (OTHER, False, False, False),
        (STAFF, True, True, True),
        (STAFF, False, True, True),
    ],
)
def test_the_owner_and_staff_see_and_change_all_and_others_see_what_is_published(viewer, published, sees, changes):
    film = make_ready("film.mp4", published=published)
    assert access.may_see(film, viewer) is sees
    assert access.may_change(film, viewer) is changes
