"""Films come back from the table exactly as they went in, small, by id."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import PutError, TransactWriteError

from functions import settings
from functions.catalogue import intake, store, writing
from functions.catalogue.items import FilmItem
from tests.unit.catalogue.films import encode, make_ready, upload


def test_a_film_comes_back_as_it_went_in():
    film = make_ready("a b+c&ü.mp4", title="T")
    assert store.get(film.id) == film


def test_there_are_no_films_in_an_empty_table():
    assert store.get(1) is None
    assert list(store.all_films()) == []


def test_a_film_in_the_middle_of_its_work_comes_back_as_it_went_in():
    registered = intake.register(upload())
    encode(registered.film_id, registered.version)
    film = store.change(1, lambda film: replace(film, poster_at=12.5))
    assert store.get(1) == film
    assert film.execution == f"film-1-{film.version}-1"


def test_all_films_come_by_id_and_gaps_do_not_matter():
    for n in range(3):
        intake.register(upload(f"{n}.mp4"))
    for _ in range(120):
        store.next_id()
    intake.register(upload("last.mp4"))
    assert [film.id for film in store.all_films()] == [1, 2, 3, 124]


def test_films_that_are_asked_for_together_come_in_that_order_without_those_that_are_gone():
    for n in range(4):
        intake.register(upload(f"{n}.mp4"))
    store.begin_deletion(2, resume_at=0)
    assert list(store.get_all([4, 2, 1, 99])) == [store.get(4), store.get(1)]


def test_a_two_hour_film_is_a_small_row():
    """A row is read at each playlist: thousands of segments must not weigh."""
    make_ready("film.mp4")
    row = FilmItem.get("film#1", "record").serialize()
    assert len(row["renditions"]["B"]) < 1000


@pytest.mark.parametrize("write", ["save", "transaction"])
def test_a_write_that_fails_for_another_reason_is_not_taken_for_a_lost_race(environment, write):
    registered = intake.register(upload())
    film = store.get(registered.film_id)
    environment.setenv("CATALOGUE_TABLE", "no-such-table")
    settings.current.cache_clear()
    after = replace(film, attempt=5) if write == "save" else replace(film, title="x")
    with pytest.raises((PutError, TransactWriteError)):
        store._replace(film, after)


def test_somebody_else_s_transaction_in_the_way_is_waited_for():
    calls = []

    def write():
        calls.append(1)
        raise PutError("busy", ClientError({"Error": {"Code": "TransactionConflictException"}}, "PutItem"))

    assert writing.attempt(write) is False
    assert calls == [1]
