"""Somebody who cannot log in asks an operator for what is kept about them, or to be deleted."""

import json

import pytest

from functions.accounts import people
from functions.catalogue import intake, positions, store
from tests.unit.catalogue.films import make_ready, upload

EMAIL = "demo@videoflix.local"


@pytest.fixture
def away(demo):
    """Somebody with a film and a position in another's, who was deactivated."""
    other = people.seed("other@example.com", "Demo123!")
    intake.register(upload("mine.mp4", owner=demo, title="Mine"))
    positions.put(demo.id, make_ready("theirs.mp4", owner=other, published=True), 5.0)
    return people.set_active(demo.id, is_active=False)


def test_what_is_kept_about_somebody_who_is_shut_out_can_be_handed_to_them(run, away):
    code, said = run("export_account", EMAIL.upper())
    kept = json.loads(said)
    assert (code, kept["account"]["email"], kept["account"]["is_active"]) == (0, EMAIL, False)
    assert set(kept) == {"account", "sessions", "links", "known_networks", "films", "positions"}
    assert [film["title"] for film in kept["films"]] == ["Mine"]
    assert [position["video_id"] for position in kept["positions"]] == [2]
    assert run("export_account", EMAIL, "--json") == (0, kept)


def test_somebody_who_is_shut_out_can_be_deleted_and_others_films_stay(run, away):
    assert run("delete_account", EMAIL, "--confirm", "--json") == (
        0,
        {"ok": True, "id": 1, "email": EMAIL, "films": [1], "positions": 1, "deleted": True},
    )
    assert people.get(away.id) is None
    assert (store.get(1), list(positions.of_viewer(away.id))) == (None, [])
    assert store.get(2)
    assert run("delete_account", EMAIL, "--confirm")[0] == 1, "there is nobody any more"


def test_without_being_confirmed_a_deletion_only_says_what_would_go(run, away):
    code, said = run("delete_account", EMAIL)
    assert (code, said.splitlines()) == (
        1,
        [
            f"Account 1 ({EMAIL}) would be deleted, with 1 videos (1) and 1 positions.",
            "Nothing was deleted. Look whether it is the right account, then add --confirm.",
        ],
    )
    code, told = run("delete_account", EMAIL, "--json")
    assert (code, told["ok"], told["deleted"]) == (1, False, False)
    assert run("delete_account", EMAIL, "--confirm", "--dry-run", "--json")[1]["deleted"] is False
    assert people.get(away.id)
    assert store.get(1)


@pytest.mark.parametrize("command", [("export_account",), ("delete_account", "--confirm")])
def test_an_address_that_nobody_has_is_said(run, command, capsys):
    assert run(*command, "nobody@example.com", "--json") == (
        1,
        {"ok": False, "error": "No account has this address."},
    )
