"""`reindex` lists and finds films that were stored before there were lists or search, whatever happens meanwhile."""

import pytest

from functions.accounts import numbers
from functions.catalogue import deletion, editing, reindexing, store
from functions.catalogue.items import AnyItem, ShelfItem, WordItem
from functions.catalogue.queries import ListRequest, visible
from functions.errors import ConflictError
from tests.unit.catalogue.films import OWNER, make_ready


@pytest.fixture(autouse=True)
def _counted(tables: None) -> None:
    """The owner of these films has no account, but their id was given."""
    numbers.skip_to(OWNER.id)


def found(q: str = "") -> list[int]:
    return [film.id for film in visible(OWNER, ListRequest(q=q)).items]


def forget(model: type[ShelfItem | WordItem], beginning: str) -> None:
    """Leave the table as an earlier release did."""
    for item in [item for item in AnyItem.scan() if item.sk.startswith(beginning)]:
        item.delete()


@pytest.fixture
def old(tables: None) -> None:
    make_ready("a.mp4", title="Alpha Film")
    make_ready("b.mp4", title="Beta Film")
    forget(WordItem, "word#")
    forget(ShelfItem, "shelf#")


def test_old_films_are_listed_and_found_and_nothing_is_written_twice(old, run):
    assert (found(), found("alpha")) == ([], [])
    told = [{"id": n, "entries": 4, "words": 2, "left_words": 0} for n in (1, 2)]
    whole = {"ok": True, "films": 2, "dry_run": False, "reindexed": told, "ids_skipped_to": {}}
    assert run("reindex", "--json") == (0, whole)
    assert (sorted(found()), found("alpha"), sorted(found("film"))) == ([1, 2], [1], [1, 2])
    assert run("reindex", "--json") == (0, whole | {"reindexed": []})
    assert run("reindex") == (0, "0 of 2 videos were reindexed.\n")


def test_a_dry_run_says_what_and_writes_nothing(old, run):
    before = sorted(item.sk for item in AnyItem.scan())
    code, said = run("reindex", "--dry-run")
    assert code == 0
    assert said.splitlines()[0].split() == ["ID", "ENTRIES", "WORDS", "LEFT", "WORDS", "TITLE"]
    assert said.splitlines()[-1] == "2 of 2 videos would be reindexed."
    assert sorted(item.sk for item in AnyItem.scan()) == before


def test_what_says_something_else_than_the_film_is_mended(run):
    film = make_ready("a.mp4", title="Alpha")
    WordItem(pk=f"film#{film.id}", sk="word#ghost", shelf="words#g", title_key="ghost\x1f1", revision=0).save()
    entry = ShelfItem.get(f"film#{film.id}", "shelf#all")
    entry.update(actions=[ShelfItem.title.set("Other")])
    assert run("reindex", "--json")[1]["reindexed"] == [{"id": 1, "entries": 1, "words": 0, "left_words": 1}]
    assert [film.title for film in visible(OWNER, ListRequest()).items] == ["Alpha"]
    assert not [item for item in AnyItem.scan() if item.sk == "word#ghost"]


def test_a_film_of_whole_seconds_is_listed_as_it_is(run):
    """DynamoDB gives numbers back without the zeros that mean nothing: 12 for 12.0. moto keeps what was written."""
    make_ready("a.mp4", title="Alpha")
    for item in ShelfItem.scan(ShelfItem.duration.exists()):
        item.update(actions=[ShelfItem.duration.set(int(item.duration))])
    assert run("reindex") == (0, "0 of 1 videos were reindexed.\n")


def once_after(monkeypatch: pytest.MonkeyPatch, name: str, happen) -> None:
    """Let something happen between what `mend` reads and what it writes."""
    real = getattr(reindexing.word_index, name)

    def hooked(*args):
        monkeypatch.setattr(reindexing.word_index, name, real)
        answer = real(*args)
        happen()
        return answer

    monkeypatch.setattr(reindexing.word_index, name, hooked)


def test_an_edit_meanwhile_wins(old, monkeypatch):
    once_after(monkeypatch, "differences", lambda: editing.edit(1, editing.Edit(title="Gamma", published=False)))
    assert reindexing.mend(1)
    (film,) = visible(OWNER, ListRequest()).items
    assert (film.title, film.published) == ("Gamma", False)
    assert (found("gamma"), found("alpha")) == ([1], [])


def test_a_film_deleted_meanwhile_stays_deleted(old, monkeypatch):
    once_after(monkeypatch, "put_missing", lambda: deletion.delete(1))
    assert not reindexing.mend(1)
    assert store.get(1) is None
    assert found() == []
    assert not [item for item in ShelfItem.scan() if item.pk == "film#1"]


def test_a_film_that_changes_all_the_time_is_left_for_later(old, monkeypatch):
    monkeypatch.setattr(reindexing.writing, "attempt", lambda _: False)
    with pytest.raises(ConflictError):
        reindexing.mend(1)
