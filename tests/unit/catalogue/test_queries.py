"""The list: who sees what, in which order, page by page, from indexes."""

import itertools
import json
from dataclasses import replace

import pytest

from functions.catalogue import access, editing, intake, making, orders, queries, store, text, work
from functions.catalogue.film import Failure
from functions.catalogue.items import ShelfItem
from functions.catalogue.queries import ListRequest, visible
from functions.errors import InvalidInputError
from functions.http import shapes
from functions.http.call import to_json
from tests.unit import moto_in_one_piece
from tests.unit.catalogue.films import DRAFT, OTHER, OWNER, STAFF, encode, make_ready, outcome, upload


def ids(viewer=OWNER, **request) -> list[int]:
    return [film.id for film in visible(viewer, ListRequest(**request)).items]


def films_of_everybody() -> None:
    for n, (owner, published) in enumerate(itertools.product((OWNER, OTHER, STAFF), (True, False))):
        make_ready(f"ready {n}.mp4", owner=owner, published=published)
        intake.register(upload(f"waiting {n}.mp4", owner=owner, published=published))


@pytest.fixture(autouse=True)
def _no_scans(monkeypatch):
    """A list that scans is fast in a test and stops working with 100,000 films."""

    def scan(*_, **__):
        raise AssertionError("the list must not scan")

    monkeypatch.setattr(ShelfItem, "scan", scan)


@pytest.mark.parametrize("viewer", [OWNER, OTHER, STAFF])
@pytest.mark.parametrize("ready_only", [True, False])
def test_everybody_lists_exactly_what_they_may_see(viewer, ready_only):
    moto_in_one_piece.once(films_of_everybody)
    films = list(store.all_films())
    expected = [f.id for f in films if access.may_see(f, viewer) and (f.published_version or not ready_only)]
    assert sorted(ids(viewer, ready_only=ready_only)) == expected
    assert len(expected) == {OWNER: 4, OTHER: 4, STAFF: 6}[viewer] * (1 if ready_only else 2)


def test_the_list_says_what_a_page_shows(time):
    film = make_ready("film.mp4", title="T", description="D", category="drama")
    (shown,) = visible(OTHER, ListRequest()).items
    assert (shown.id, shown.title, shown.description, shown.category) == (1, "T", "D", "drama")
    assert (shown.created_at, shown.updated_at) == (film.created_at, film.updated_at)
    assert (shown.thumbnail, shown.published_version) == ("thumbnail.jpg", film.version)
    assert (shown.duration, shown.height, shown.owner_id, shown.published) == (7197.24, 720, 7, True)


def test_an_empty_catalogue_is_an_empty_list():
    assert visible(STAFF, ListRequest()) == queries.Page(items=[], next_cursor=None)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("created_at", [1, 2, 3, 4]),
        ("-created_at", [4, 3, 2, 1]),
        ("updated_at", [1, 3, 4, 2]),
        ("-updated_at", [2, 4, 3, 1]),
        ("title", [3, 1, 2, 4]),
        ("-title", [4, 2, 1, 3]),
        ("height", [3, 1, 4, 2]),
        ("-height", [2, 4, 1, 3]),
        ("", [4, 3, 2, 1]),
        ("id; drop table", [4, 3, 2, 1]),
        ("-", [4, 3, 2, 1]),
    ],
)
def test_the_orders_and_newest_first_for_all_others(time, order, expected):
    """Own unpublished films stand among the others where they belong."""
    for title, height, published in (
        ("Up", 720, True),
        ("up and away", 2160, False),
        ("Élan", 360, True),
        ("Z", 720, False),
    ):
        make_ready(f"{title}.mp4", title=title.replace("É", "E"), height=height, published=published)
        time.advance(seconds=1)
    store.change(2, lambda film: replace(film, updated_at=time.time))
    assert ids(OWNER, order=order) == expected


def test_ids_stay_the_same_under_every_order_filter_upload_and_unpublish(time):
    """In the original an id was a position in a list, and the wrong film played."""
    for title in "BCA":
        make_ready(f"{title}.mp4", title=title)
        time.advance(seconds=1)

    def titles() -> set[tuple[int, str]]:
        orders = ["created_at", "-created_at", "title", "-title", "updated_at", "-height"]
        lists = [visible(OWNER, ListRequest(order=order, category="documentary")).items for order in orders]
        return {(film.id, film.title) for films in lists for film in films}

    before = titles()
    make_ready("New.mp4", title="0")
    store.change(2, lambda film: replace(film, published=False))
    assert before == {(1, "B"), (2, "C"), (3, "A")}
    assert titles() == before | {(4, "0")}


def test_films_move_between_lists_as_they_change():
    film = make_ready("film.mp4", category="drama")
    store.change(film.id, lambda film: replace(film, published=False, category="comedy"))
    assert (ids(OTHER), ids(OWNER), ids(STAFF)) == ([], [1], [1])
    assert (ids(OWNER, category="drama"), ids(OWNER, category="comedy")) == ([], [1])
    store.change(film.id, lambda film: replace(film, owner_id=OTHER.id))
    assert (ids(OTHER), ids(OWNER)) == ([1], [])
    store.change(film.id, lambda film: replace(film, published=True))
    assert (ids(OTHER), ids(OWNER), ids(STAFF)) == ([1], [1], [1])


@pytest.mark.parametrize("viewer", [OWNER, STAFF])
@pytest.mark.parametrize("asked", [{}, {"changeable": True}, {"order": "updated_at"}])
@pytest.mark.parametrize("read", range(3))
def test_a_film_that_changes_its_shelf_while_a_page_is_read_is_listed_once(viewer, asked, read, monkeypatch, time):
    """It stood there twice, or not at all: its encoding ended, or it was published, between two shelves."""
    film = intake.register(upload("moving.mp4", published=False))
    execution = encode(film.film_id, film.version)
    make_ready("other.mp4", published=False)
    changes = [
        lambda: work.publish(film.film_id, film.version, execution, outcome()),
        lambda: editing.edit(film.film_id, editing.Edit(published=True)),
    ]
    index = ShelfItem.by_updated if "order" in asked else ShelfItem.by_created
    query, shelves = index.query, []

    def then_changed(shelf, *args, **how):
        found = list(query(shelf, *args, **how))
        shelves.append(shelf)
        if len(shelves) > read and changes:
            time.advance(seconds=1)
            changes.pop(0)()
        yield from found

    monkeypatch.setattr(index, "query", then_changed)
    assert sorted(ids(viewer, ready_only=False, **asked)) == [1, 2]


def test_a_film_that_is_being_replaced_stays_listed_and_one_that_failed_at_once_never_is():
    make_ready("film.mp4", sequencer="0A")
    intake.register(upload("film.mp4", "0B", "e2"))
    failed = intake.register(upload("broken.mp4"))
    work.fail(failed.film_id, failed.version, Failure(code="not_a_video", message="No video.", step="probe"))
    assert ids(OTHER) == [1]
    assert ids(OTHER, ready_only=False) == [2, 1]


def test_a_category_is_found_in_any_case_and_a_strange_one_finds_nothing():
    make_ready("a.mp4", category="Sci-Fi")
    make_ready("b.mp4", category="drama")
    assert ids(category="sci-fi") == [1]
    assert ids(category="") == [2, 1]
    for strange in ("horror", "x" * 5000, "drama#", "\ud800", "all#published#ready"):
        assert ids(category=strange) == []


@pytest.mark.parametrize("order", ["-created_at", "created_at", "title", "-title", "-height", "-updated_at"])
def test_pages_lose_and_repeat_nothing_even_with_equal_titles_and_new_films_between(order):
    for n in range(7):
        make_ready(f"{n}.mp4", title="Same", published=n % 2 == 0)
    seen, cursor = [], None
    for page_number in itertools.count():
        page = visible(OWNER, ListRequest(order=order, limit=3, cursor=cursor))
        seen += [film.id for film in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        make_ready(f"new {page_number}.mp4", title="Same")
    assert len(seen) == len(set(seen))
    assert {1, 2, 3, 4, 5, 6, 7} <= set(seen)


def test_the_last_page_says_so_even_when_it_is_full():
    for n in range(4):
        make_ready(f"{n}.mp4")
    first = visible(OWNER, ListRequest(limit=2))
    second = visible(OWNER, ListRequest(limit=2, cursor=first.next_cursor))
    assert [film.id for film in first.items + second.items] == [4, 3, 2, 1]
    assert second.next_cursor is None


@pytest.mark.parametrize("request_", [{}, {"order": "title"}, {"q": "same"}, {"q": "same", "looked_through": True}])
def test_long_texts_make_shorter_pages_and_nothing_is_lost(request_, monkeypatch):
    """A Lambda's answer has 6 MB: beyond, the whole list was an error for everybody."""
    for n in range(5):
        make_ready(f"{n}.mp4", title="Same", description="x" * 20)
    monkeypatch.setattr(queries, "_MOST_TEXT", 75)  # two of them, each text with its quotation marks, twice
    if request_.pop("looked_through", False):
        monkeypatch.setattr(queries, "_COMMON", 2)
    pages, cursor = [], None
    while not pages or cursor:
        page = visible(OWNER, ListRequest(cursor=cursor, **request_))
        pages.append([film.id for film in page.items])
        cursor = page.next_cursor
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(itertools.chain(*pages)) == [1, 2, 3, 4, 5]


def test_a_text_that_is_too_long_for_any_page_has_one_for_itself(monkeypatch):
    monkeypatch.setattr(queries, "_MOST_TEXT", 3)
    make_ready("a.mp4", title="A long one")
    assert ids() == [1]


@pytest.mark.parametrize("letter", ["a", '"', "\\", "\n", "é", "東", "🎬"])
@pytest.mark.parametrize("length", [text.MAX_DESCRIPTION, 1_100])
def test_no_page_is_longer_than_a_lambdas_answer(letter, length):
    """Lambda carries the body as a text within JSON, and 6 MB of that."""
    film = replace(make_ready("a.mp4"), title=letter * 100, description=letter * length)
    page = [film] * queries._fitting([film] * queries.MAX_LIMIT)
    body = to_json([shapes.listed(each, f"https://media.example.org/{'x' * 600}") for each in page])
    sent = len(json.dumps({"statusCode": 200, "headers": {"x": "y" * 2_000}, "body": body}))  # as on Python 3.11
    assert sent < 6_291_556
    assert sent > 4_900_000 or len(page) == queries.MAX_LIMIT


@pytest.mark.parametrize(("limit", "expected"), [(-5, 1), (0, 1), (2, 2), (10**9, 3)])
def test_a_limit_out_of_bounds_is_the_nearest(limit, expected):
    for n in range(3):
        make_ready(f"{n}.mp4")
    assert len(ids(limit=limit)) == expected


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "bnVsbA", "WzEsMl0", "WyItY3JlYXRlZF9hdCIsICIiXQ", "[" * 9000, "W1tb", "\ud800"]
)
def test_a_cursor_that_is_none_is_refused_without_an_echo(cursor):
    with pytest.raises(InvalidInputError) as refused:
        visible(OWNER, ListRequest(cursor=cursor))
    assert refused.value.errors == {"cursor": ["Invalid cursor."]}


@pytest.mark.parametrize("place", ["a" * 1_025, "\ud800"])
def test_a_cursor_that_dynamodb_would_not_take_is_refused(place):
    """As a key it ended in an error of ours: keys are UTF-8 of at most 1,024 bytes. The fake takes any."""
    for order in ("-created_at", "title"):
        with pytest.raises(InvalidInputError) as refused:
            visible(OWNER, ListRequest(order=order, cursor=orders.cursor(order, place)))
        assert refused.value.errors == {"cursor": ["Invalid cursor."]}


def test_a_cursor_of_another_order_is_refused():
    make_ready("a.mp4")
    make_ready("b.mp4")
    cursor = visible(OWNER, ListRequest(limit=1, order="title")).next_cursor
    with pytest.raises(InvalidInputError):
        visible(OWNER, ListRequest(limit=1, order="-title", cursor=cursor))


def test_a_cursor_shows_nobody_what_they_may_not_see():
    """A cursor is only a place: passed on, it opens nothing."""
    for n in range(4):
        make_ready(f"{n}.mp4", published=False)
    cursor = visible(STAFF, ListRequest(limit=1)).next_cursor
    assert visible(OTHER, ListRequest(cursor=cursor)).items == []


def test_the_longest_title_in_the_widest_letters_has_a_place():
    make_ready("film.mp4", title="\U0001f3ac" * 255)
    assert ids(order="title") == [1]


def test_progress_costs_the_list_nothing(monkeypatch):
    """The list's entries are rewritten only when a viewer could see a difference."""
    registered = intake.register(upload())
    encode(1, registered.version)
    monkeypatch.setattr(store, "shelf_items", lambda _: pytest.fail("wrote list entries"))
    making.begin(1, registered.version, DRAFT)
    making.begin_chunk(1, registered.version, 0, "w")
    for frames in (10, 20):
        assert making.advance_chunk(1, registered.version, 0, "w", frames=frames, stored={})
    assert work.extend(store.get(1))
