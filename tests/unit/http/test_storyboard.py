"""The track of small pictures above a player's seek bar."""

import re
from itertools import pairwise

import pytest

from functions.catalogue import layout
from functions.catalogue.film import Storyboard
from functions.delivery import signing
from tests.unit.http import encodings
from tests.unit.http.conftest import Api

MISSING = {"errors": {"non_field_errors": ["Storyboard not found."]}}
PATH = "/api/video/{id}/storyboard.vtt"
CUE = re.compile(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\n")


def cues(answer) -> list[tuple[str, ...]]:
    assert answer.status_code == 200, answer.body
    text = answer.body.decode()
    assert text.startswith("WEBVTT\n\n")
    blocks = [f"{block}\n" for block in text.removeprefix("WEBVTT\n\n").strip().split("\n\n")]
    found = [CUE.fullmatch(block) for block in blocks]
    assert all(found), "each cue is a time and an address, and an empty line follows"
    return [cue.groups() for cue in found if cue]


def seconds(stamp: str) -> float:
    hours, minutes, rest = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def test_each_cue_names_its_part_of_a_sheet_from_the_films_first_to_its_last_moment(api: Api) -> None:
    film = encodings.ready(api)
    answer = api.get(PATH.format(id=film.id), who="other")
    assert answer.headers["Content-Type"].startswith("text/vtt")
    found = cues(answer)
    assert [cue[:2] for cue in found] == [
        ("00:00:00.000", "00:00:06.006"),
        ("00:00:06.006", "00:00:12.012"),
        ("00:00:12.012", "00:00:18.018"),
        ("00:00:18.018", "00:00:20.020"),
    ]
    sheets = [layout.picture_key(film.id, film.version, layout.board_name(chunk, 0)) for chunk in (0, 0, 1, 1)]
    assert [cue[2] for cue in found] == [signing.media_url(key, lasts=20.02) for key in sheets]
    assert [cue[3:] for cue in found] == [("0", "0", "160", "90"), ("160", "0", "160", "90")] * 2


def test_a_film_of_two_hours_has_every_picture_at_its_place(api: Api) -> None:
    sheets = ((layout.board_name(0, 0), 100), (layout.board_name(0, 1), 20), (layout.board_name(1, 0), 600))
    board = Storyboard(interval=10.0, width=160, height=90, sheets=sheets)
    film = encodings.ready(api, made={"storyboard": board, "duration": 7197.24})
    found = cues(api.get(PATH.format(id=film.id), who="other"))
    assert len(found) == 720
    assert found[-1][:2] == ("01:59:50.000", "01:59:57.240")
    assert all(before[1] == after[0] for before, after in pairwise(found)), "no moment without a picture"
    assert found[99][3:5] == ("1440", "810"), "ten in a row, row by row"
    assert found[100][3:5] == ("0", "0"), "and then the next sheet"
    assert found[119][3:5] == ("1440", "90")


def test_a_film_that_turned_out_shorter_than_announced_ends_with_its_last_moment(api: Api) -> None:
    film = encodings.ready(api, made={"duration": 12.012})
    found = cues(api.get(PATH.format(id=film.id), who="other"))
    assert [cue[1] for cue in found] == ["00:00:06.006", "00:00:12.012"]


def test_a_film_of_one_frame_has_one_picture(api: Api) -> None:
    board = Storyboard(interval=1.0, width=160, height=120, sheets=((layout.board_name(0, 0), 1),))
    film = encodings.ready(api, made={"storyboard": board, "duration": 0.04})
    (only,) = cues(api.get(PATH.format(id=film.id), who="other"))
    assert only[:2] == ("00:00:00.000", "00:00:00.040")


def test_what_has_not_changed_is_not_sent_again_until_its_addresses_are_new(api: Api, monkeypatch) -> None:
    film = encodings.ready(api)
    path = PATH.format(id=film.id)
    first = api.get(path, who="other")
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = first.headers["ETag"]
    assert api.get(path, who="other", If_None_Match=tag).status_code == 304
    later = signing.window_start() + signing.WINDOW
    monkeypatch.setattr(signing, "window_start", lambda: later)
    again = api.get(path, who="other", If_None_Match=tag)
    assert again.status_code == 200
    assert again.body != first.body


@pytest.mark.parametrize(
    ("who", "published", "hidden"),
    [(None, 401, 401), ("owner", 200, 200), ("other", 200, 404), ("staff", 200, 200)],
)
def test_only_those_who_may_see_the_film_get_it(api: Api, who: str | None, *, published: int, hidden: int) -> None:
    for key, is_published, status in (("a.mp4", True, published), ("b.mp4", False, hidden)):
        film = encodings.ready(api, key, published=is_published)
        answer = api.get(PATH.format(id=film.id), who=who)
        assert answer.status_code == status
        if status == 404:
            assert answer.json_body == MISSING


def test_where_there_is_none_the_answer_says_so(api: Api) -> None:
    """A film that waits, one that was published before storyboards were made, and none at all."""
    waits = encodings.encoding(api)
    old = encodings.ready(api, "old.mp4", made={"storyboard": None})
    for number in (waits.id, old.id, 999):
        answer = api.get(PATH.format(id=number), who="owner")
        assert (answer.status_code, answer.json_body) == (404, MISSING)
