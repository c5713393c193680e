"""check_videos tells an operator, and programs, what became of every film."""

import json

import pytest

from functions.accounts import people
from functions.catalogue import intake, making, work
from functions.catalogue.film import Failure
from functions.cli import frame
from tests.unit.catalogue.films import DRAFT, Person, encode, make_ready, upload


@pytest.fixture(autouse=True)
def _tables(tables: None) -> None:
    return tables


@pytest.fixture
def owner() -> Person:
    return Person(people.seed("owner@example.com", "Owner's password 1").id)


def check_videos(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert frame.main(["check_videos", *arguments], lambda _: None) == 0
    return capsys.readouterr().out


def test_every_film_is_told_in_the_contract_s_shape_by_id(capsys, owner):
    make_ready("Ordner/Ä & b+c.mp4", title="Schöner <Film>", owner=owner)
    broken = intake.register(upload("broken.mp4", owner=owner, published=False))
    failure = Failure(code="not_a_video", message="This is no video.", step="probe")
    work.fail(broken.film_id, broken.version, failure)
    running = intake.register(upload("running.mp4", owner=owner))
    encode(running.film_id, running.version)
    making.begin(running.film_id, running.version, DRAFT)
    making.begin_chunk(running.film_id, running.version, 0, "w")
    making.advance_chunk(running.film_id, running.version, 0, "w", frames=120, stored={})
    told = json.loads(check_videos(capsys, "--json"))
    assert told[0] == {
        "id": 1,
        "title": "Schöner ‹Film›",  # noqa: RUF001
        "source_key": "Ordner/Ä & b+c.mp4",
        "state": "ready",
        "percent": 100,
        "failure": None,
        "renditions": ["480p"],
        "published": True,
        "owner": "owner@example.com",
    }
    assert list(told[0]) == [
        "id", "title", "source_key", "state", "percent", "failure", "renditions", "published", "owner"
    ]  # fmt: skip
    assert (told[1]["state"], told[1]["published"]) == ("failed", False)
    assert told[1]["failure"] == {"code": "not_a_video", "message": "This is no video.", "step": "probe"}
    assert (told[2]["state"], told[2]["percent"], told[2]["renditions"]) == ("encoding", 24.5, [])


def test_no_films_are_an_empty_array(capsys):
    assert json.loads(check_videos(capsys, "--json")) == []


def test_a_film_whose_owner_is_gone_is_still_told(capsys):
    intake.register(upload("film.mp4"))
    assert json.loads(check_videos(capsys, "--json"))[0]["owner"] == ""


def test_for_people_it_is_a_table(capsys, owner):
    make_ready("film.mp4", owner=owner)
    broken = intake.register(upload("broken.mp4", owner=owner, published=False))
    work.fail(broken.film_id, broken.version, Failure(code="not_a_video", message="No video.", step="probe"))
    lines = check_videos(capsys).splitlines()
    assert lines[0].split() == ["ID", "STATE", "%", "RENDITIONS", "SEEN", "BY", "OWNER", "TITLE"]
    assert lines[1].split() == ["1", "ready", "100", "480p", "all", "owner@example.com", "film"]
    assert lines[2].split() == ["2", "failed", "(not_a_video)", "0", "-", "owner", "owner@example.com", "broken"]
