"""A search finds films by the beginnings of words, shows nobody more than their list does, and reads no table."""

import itertools
from dataclasses import replace

import pytest

from functions.catalogue import deletion, editing, intake, queries, store, words
from functions.catalogue.items import AnyItem, WordItem
from functions.catalogue.queries import ListRequest, visible
from functions.errors import InvalidInputError
from tests.unit import moto_in_one_piece
from tests.unit.catalogue.films import OTHER, OWNER, STAFF, make_ready, upload


def ids(q: str, viewer=OTHER, **request) -> list[int]:
    return [film.id for film in visible(viewer, ListRequest(q=q, **request)).items]


def two_films() -> None:
    make_ready("a.mp4", title="Café Straße 42", description="A late night's film\n東京 İstanbul")
    make_ready("b.mp4", title="Other", description="Nothing")


def films_of_each_kind() -> None:
    for n, (owner, published) in enumerate(itertools.product((OWNER, OTHER), (True, False))):
        said = {"owner": owner, "published": published, "category": "drama" if n % 2 else "comedy"}
        make_ready(f"r{n}.mp4", title=f"Word {9 - n}", height=100 + n, **said)
        intake.register(upload(f"w{n}.mp4", title=f"Word {n}", **said))


def word_items() -> list[str]:
    return sorted(item.sk for item in AnyItem.scan() if item.sk.startswith("word#"))


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("café", True),
        ("CAFE", True),
        ("caf", True),
        ("afé", False),
        ("strasse", True),
        ("STRAßE", True),
        ("cafe stra", True),
        ("stra cafe", True),
        ("cafe, straße!", True),
        ("cafe missing", False),
        ("42", True),
        ("late", True),
        ("night's", True),
        ("東", True),
        ("İstanbul", True),
        ("istanbul", True),
        ("!!!", False),
        ("_", False),
        ("%00", False),
        ("cafe\x1f1", False),
        ("\ud800", False),
        ("c" * 200, False),
    ],
)
def test_words_are_found_by_their_beginnings_in_any_case_with_or_without_accents(q, found):
    moto_in_one_piece.once(two_films)
    assert ids(q) == ([1] if found else [])


def test_a_blank_search_is_none():
    make_ready("a.mp4")
    assert ids("") == ids("   ") == [1]


def test_a_search_that_is_too_long_is_refused():
    with pytest.raises(InvalidInputError) as refused:
        ids("x" * 256)
    assert refused.value.errors == {"q": ["Use at most 255 characters."]}


def test_the_last_word_of_the_longest_description_is_found():
    make_ready("a.mp4", description=" ".join(f"w{n:03}" for n in range(990)) + " needle")
    assert ids("need") == ids("w989 w000") == [1]


@pytest.mark.parametrize("viewer", [OWNER, OTHER, STAFF])
@pytest.mark.parametrize("ready_only", [True, False])
@pytest.mark.parametrize("order", ["", "title", "-title", "created_at", "height", "-updated_at"])
@pytest.mark.parametrize("category", [None, "Drama", "horror"])
def test_a_search_that_all_films_match_is_the_list(viewer, ready_only, order, category):
    """Who sees what, the filters and the orders are those of the list."""
    moto_in_one_piece.once(films_of_each_kind)
    request = {"ready_only": ready_only, "order": order, "category": category}
    listed = [film.id for film in visible(viewer, ListRequest(**request)).items]
    assert ids("wor", viewer, **request) == listed


@pytest.mark.parametrize("order", ["-created_at", "title"])
def test_pages_of_a_search_lose_and_repeat_nothing(order):
    for n in range(5):
        make_ready(f"{n}.mp4", title="Same word")
        make_ready(f"other {n}.mp4", title="Other")
    seen, cursor = [], None
    for _ in range(3):
        page = visible(OTHER, ListRequest(q="word", order=order, limit=2, cursor=cursor))
        seen += [film.id for film in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert seen == ids("word", order=order)
    assert len(seen) == 5


@pytest.fixture
def nothing_is_rare(monkeypatch):
    """What a catalogue with very many films of one word does, with few."""
    monkeypatch.setattr(queries, "_COMMON", 2)
    monkeypatch.setattr(queries, "_LOOKED_AT", 4)


def all_pages(q: str, viewer=OTHER, **request) -> list[list[int]]:
    pages, cursor = [], None
    while not pages or cursor:
        page = visible(viewer, ListRequest(q=q, cursor=cursor, **request))
        pages.append([film.id for film in page.items])
        cursor = page.next_cursor
    return pages


@pytest.mark.parametrize("viewer", [OWNER, OTHER, STAFF])
@pytest.mark.parametrize("order", ["", "title", "-height"])
@pytest.mark.parametrize("category", [None, "drama"])
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_of_a_search_for_what_very_many_have_lead_to_the_whole_list(
    nothing_is_rare, viewer, order, category, limit
):
    moto_in_one_piece.once(films_of_each_kind)
    request = {"ready_only": False, "order": order, "category": category}
    listed = [film.id for film in visible(viewer, ListRequest(**request)).items]
    pages = all_pages("wor", viewer, limit=limit, **request)
    assert [film_id for page in pages for film_id in page] == listed
    assert max(map(len, pages)) <= limit


def test_common_words_that_rarely_come_together_are_found_a_few_films_at_a_time(nothing_is_rare):
    for n in range(9):
        make_ready(f"{n}.mp4", title="Red house" if n in (0, 7) else ("Red" if n % 2 else "House"))
    assert all_pages("red house") == [[8], [], [1]]
    assert all_pages("red house", limit=1) == [[8], [], [1]]
    assert ids("red house") == [8]


def test_a_rare_word_leads_to_its_films_whatever_stands_beside_it(nothing_is_rare, monkeypatch):
    for n in range(9):
        make_ready(f"{n}.mp4", title="Lighthouse by me" if n == 0 else "Lighthouse")
    monkeypatch.setattr(queries.orders, "read", lambda *_, **__: pytest.fail("looked through the list"))
    assert all_pages("lighthouse by") == [[1]]


def test_an_unpublished_film_is_found_by_nobody_else_at_once():
    film = make_ready("a.mp4", title="Secret")
    editing.edit(film.id, editing.Edit(published=False))
    assert (ids("secret"), ids("secret", OWNER), ids("secret", STAFF)) == ([], [1], [1])


def test_a_new_text_is_found_and_the_old_one_is_not():
    film = make_ready("a.mp4", title="Old title", description="stays")
    editing.edit(film.id, editing.Edit(title="New title"))
    assert [ids(q) for q in ("old", "new", "title", "stays")] == [[], [1], [1], [1]]
    assert word_items() == ["word#new", "word#stays", "word#title"]


def test_two_edits_at_once_leave_every_word_of_the_text_that_stands(meanwhile):
    """The slower edit brings back a word that the faster one removes."""
    film = make_ready("a.mp4", title="Alpha", description="D")

    def other_edit() -> None:
        editing.edit(film.id, editing.Edit(title="Beta"))
        editing.edit(film.id, editing.Edit(title="Alpha Gamma"))

    meanwhile(store, "get", other_edit)
    editing.edit(film.id, editing.Edit(title="Alpha Delta"))
    assert store.get(film.id).title == "Alpha Delta"
    assert ids("alpha") == ids("delta") == ids("d") == [1]
    assert ids("gamma") == ids("beta") == []


def test_a_word_that_a_later_text_put_anew_is_not_removed(monkeypatch):
    film = make_ready("a.mp4", title="Alpha")
    delete = WordItem.delete

    def late(item, **how):
        monkeypatch.setattr(WordItem, "delete", delete)
        editing.edit(film.id, editing.Edit(title="Alpha again"))
        return delete(item, **how)

    monkeypatch.setattr(WordItem, "delete", late)
    editing.edit(film.id, editing.Edit(title="Beta"))
    assert store.get(film.id).title == "Alpha again"
    assert ids("alpha") == [1]


def test_progress_and_publication_write_no_words(monkeypatch):
    film = make_ready("a.mp4", title="Alpha")
    monkeypatch.setattr(WordItem, "batch_write", lambda *_: pytest.fail("wrote words"))
    editing.edit(film.id, editing.Edit(published=False, category="drama"))
    store.change(film.id, lambda film: replace(film, attempt=3))


def test_a_deleted_film_leaves_no_words_and_a_lost_race_for_a_key_neither(meanwhile):
    deletion.delete(make_ready("a.mp4", title="Alpha").id)
    meanwhile(store, "next_id", lambda: intake.register(upload("b.mp4", title="Winner")))
    assert intake.register(upload("b.mp4", title="Loser")).film_id == store.ownership("b.mp4").film_id
    assert word_items() == ["word#winner"]


def test_a_search_reads_indexes_only(monkeypatch):
    make_ready("a.mp4", title="Alpha")
    for item in (AnyItem, WordItem, queries.ShelfItem):
        monkeypatch.setattr(item, "scan", lambda *_: pytest.fail("scanned"))
    assert ids("alp") == [1]


def test_words_of_a_text():
    assert words.of("The THE théatre - it's №1 ﬁlm_noir") == ["the", "theatre", "it", "s", "no1", "film", "noir"]
