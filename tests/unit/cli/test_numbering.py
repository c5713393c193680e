"""A table that was restored forgets which ids were given since: `reindex` sees that nobody gets them again."""

import pytest

from functions import aws
from functions.accounts import numbers, people
from functions.accounts.rows import CounterRow
from functions.catalogue import deletion, layout, notes, positions, store
from functions.catalogue.items import AnyItem, CounterItem
from tests.unit.catalogue.films import OWNER, Person, make_ready

UPLOADS, MEDIA = "videoflix-uploads", "videoflix-media"
UPLOAD = "Zm9vYmFyYmF6cXV4Zm9vYg"


def put(bucket: str, key: str) -> None:
    aws.s3().put_object(Bucket=bucket, Key=key, Body=b"x")


def go_back(films: int = 0, persons: int = 0) -> None:
    """Let the counters be what they were on an earlier day."""
    CounterItem(pk="counter", sk="films", last=films).save()
    CounterRow("counter", "counter", last=persons).save()


def skipped(run, *how: str) -> dict[str, int]:
    code, told = run("reindex", "--json", *how)
    assert code == 0
    return told["ids_skipped_to"]


def test_who_registers_after_the_accounts_went_back_gets_nobodys_films(run):
    """The owner was lost with the table, their unpublished film was not."""
    make_ready("private.mp4", published=False)
    go_back(films=1, persons=OWNER.id - 1)
    assert skipped(run) == {"people": OWNER.id}
    assert numbers.following() == OWNER.id + 1


def viewed() -> None:
    film = make_ready("a.mp4")
    positions.put(40, film, 100.0)


def left() -> None:
    notes.write(40, notes.LEFT, within=900)


def owned() -> None:
    make_ready("a.mp4", owner=Person(40))


def registered() -> None:
    numbers.skip_to(39)
    people.seed("demo@videoflix.local", "Demo123!")


@pytest.mark.parametrize("name_them", [viewed, left, owned, registered])
def test_people_who_are_named_anywhere_keep_their_id(run, name_them):
    name_them()
    go_back(films=1)
    assert skipped(run) == {"people": 40}
    assert numbers.following() == 41


def stored() -> None:
    numbers.skip_to(OWNER.id)
    store.skip_to(29)
    make_ready("a.mp4")


def deleted() -> None:
    stored()
    assert deletion.delete(30)
    for item in [item for item in AnyItem.scan() if item.pk == "film#30"]:
        item.delete()


@pytest.mark.parametrize(
    "name_it",
    [
        stored,
        deleted,
        lambda: put(UPLOADS, f"api/30/{UPLOAD}"),
        lambda: put(MEDIA, f"{layout.version_prefix(30, '7-0123456789ab')}480p/000.ts"),
    ],
)
def test_films_that_are_named_anywhere_keep_their_id(run, name_it):
    name_it()
    go_back(persons=OWNER.id)
    assert skipped(run) == {"videos": 30}
    assert store.next_id() == 31


@pytest.mark.parametrize(
    ("bucket", "key"),
    [(MEDIA, "20261128/000.ts"), (UPLOADS, "api/20261128/film.mp4"), (UPLOADS, "20261128/film.mp4")],
)
def test_a_folder_that_somebody_called_by_a_date_leaves_no_ids_out(run, bucket, key):
    put(bucket, key)
    assert skipped(run) == {}
    assert store.next_id() == 1


def test_a_film_beyond_the_counter_is_listed_again_at_once(run):
    stored()
    AnyItem("film#30", "shelf#all").delete()
    go_back()
    told = run("reindex", "--json")[1]
    assert [(film["id"], film["entries"]) for film in told["reindexed"]] == [(30, 1)]


def test_counters_that_are_ahead_stay(run):
    stored()
    store.skip_to(100)
    numbers.skip_to(100)
    assert skipped(run) == {}
    store.skip_to(50)
    numbers.skip_to(50)
    assert (store.next_id(), numbers.following()) == (101, 101)


def test_an_empty_stage_counts_from_the_beginning(run):
    assert run("reindex") == (0, "0 of 0 videos were reindexed.\n")
    assert [item.pk for item in AnyItem.scan()] == []


def test_a_dry_run_says_it_and_counts_on(run):
    stored()
    go_back()
    assert "Ids of videos would go on after 30: those up to there" in run("reindex", "--dry-run")[1]
    assert skipped(run, "--dry-run") == {"videos": 30, "people": OWNER.id}
    assert (store.next_id(), numbers.following()) == (1, 1)


def test_for_people_it_is_a_sentence_and_doing_it_twice_says_nothing(run):
    stored()
    go_back(persons=OWNER.id)
    assert "Ids of videos go on after 30: those up to there are named in tables or buckets.\n" in run("reindex")[1]
    assert run("reindex") == (0, "0 of 1 videos were reindexed.\n")
