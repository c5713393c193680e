"""Staff sees what is made of a film and what it cost, while it is encoded and afterwards."""

from dataclasses import replace

from functions.catalogue.film import Cost
from tests.unit.http import encodings
from tests.unit.http.conftest import Api
from tests.unit.http.encodings import DRAFT

COPIED_TOP = replace(DRAFT, renditions=(DRAFT.renditions[0], replace(DRAFT.renditions[1], copied=True)))


def test_while_a_film_is_encoded_its_ladder_is_told_and_which_rung_is_copied(api: Api) -> None:
    film = encodings.encoding(api, draft=COPIED_TOP)
    answer = api.get(f"/api/video/{film.id}/plan/", who="staff")
    assert answer.status_code == 200
    assert answer.json_body == {
        "id": film.id,
        "duration": DRAFT.duration,
        "frame_rate": 24000 / 1001,
        "segments": 4,
        "chunks": 2,
        "renditions": [
            {
                "name": "480p",
                "width": 854,
                "height": 480,
                "codecs": "avc1.64001f,mp4a.40.2",
                "bandwidth": 3_000_000,
                "copied": False,
            },
            {
                "name": "720p",
                "width": 1280,
                "height": 720,
                "codecs": "avc1.640020,mp4a.40.2",
                "bandwidth": 7_000_000,
                "copied": True,
            },
        ],
        "cost": None,
    }


def test_of_a_published_film_the_measured_bandwidth_and_the_cost_are_told(api: Api) -> None:
    spent = Cost(gb_seconds=118.2, chunks=2, requests=14, bytes=9_000, usd=0.002)
    film = encodings.ready(api, made={"cost": spent})
    told = api.get(f"/api/video/{film.id}/plan/", who="staff").json_body
    assert (told["duration"], told["segments"], told["chunks"]) == (20.02, 4, 2)
    assert [each["bandwidth"] for each in told["renditions"]] == [1_500_000, 3_500_000]
    assert told["cost"] == {"gb_seconds": 118.2, "requests": 14, "bytes": 9_000, "usd": 0.002}


def test_before_its_source_is_known_a_film_has_none(api: Api) -> None:
    film = encodings.waiting(api)
    answer = api.get(f"/api/video/{film.id}/plan/", who="staff")
    assert (answer.status_code, answer.json_body) == (
        404,
        {"errors": {"non_field_errors": ["Nothing is planned for this video."]}},
    )
