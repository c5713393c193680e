"""What lists, searches and playlists cost in CPU, and that a catalogue may grow: `.venv/bin/python -m bench.catalogue`.

How it is measured stands in `bench/taped.py`. Whole calls through app.py, authentication included, against floors:

- a list of 1,000 films: the bare PynamoDB query of the same items (target: at most 1.5 times as much);
- the media playlist of a two-hour film, 1,200 segments, each with a signed URL (target: at most 15 ms);
- the same, unchanged (304): the raw read of the film by its key (target: at most 3 ms above).

Then with 10 to 100,000 films (`--most N` stops earlier): a page of the list, the last page that a cursor reaches, a
search for a word that five films have, one for a word that nearly all have, and the playlist. They are to make the same
calls of AWS and read as many bytes, whatever the size. The search for a common word does from where more films have it
than a list shows; where just as many have it, it is dearest, as it looks at them all, and has a limit of its own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from bench import figures, taped

if TYPE_CHECKING:
    from functions.catalogue.film import Film

LISTED, SEGMENTS, PAGE = 1_000, 1_200, 5
SIZES = (10, 100, 1_000, 10_000, 100_000)
MOST_TIMES_QUERY, MOST_PLAYLIST_MS, MOST_MS_ABOVE_READ = 1.5, 15.0, 3.0
MOST_GROWTH = 1.1  # in bytes: ids get longer
MOST_CALLS = 15  # of AWS, by the dearest search: a hundred films a call, and what any list asks
RARE, COMMON = "lighthouse", "film"  # a word of five films in each catalogue, and one of the others
_COMMON = "common word"
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A line of the report."""

    name: str
    tape: taped.Tape
    took: float
    floor: float
    judged: str
    good: bool


def film(number: int) -> Film:
    """Return a published film with two hours in three renditions."""
    from functions.catalogue import film as films  # noqa: PLC0415 - after the environment is set

    at = _BEGAN + timedelta(seconds=number)
    rendition = {"frame_rate": 25.0, "codecs": "avc1.64001f,mp4a.40.2", "peak_bandwidth": 1, "average_bandwidth": 1}
    return films.Film(
        id=number,
        title=f"{RARE if number <= PAGE else COMMON} {number}",
        description="What the film is about, in a sentence or two, as people write it.",
        category="drama",
        owner_id=2,
        published=True,
        created_at=at,
        updated_at=at,
        published_version="1-0123456789ab",
        thumbnail="thumbnail.jpg",
        poster="poster.jpg",
        duration=7200.0,
        height=1080,
        source=films.Source(key=f"film {number}.mp4", sequencer="0A", size=1, etag="e"),
        version="1-0123456789ab",
        state=films.State.READY,
        renditions=tuple(
            films.Rendition(name=name, width=width, height=int(name[:-1]), segments=(6.0,) * SEGMENTS, **rendition)  # type: ignore[arg-type]
            for name, width in (("480p", 854), ("720p", 1280), ("1080p", 1920))
        ),
        timeline=(films.TimelineEntry(at=at, event="ready"),),
    )


def fill(numbers: Iterable[int]) -> None:
    """Put into the table what these calls read of films: list entries, words, and the first film's record.

    Straight into moto's memory: its calls check what nobody here gets wrong, and take minutes for 100,000 films.
    """
    from functions.catalogue import items, word_index, words  # noqa: PLC0415

    backends: list[Any] = [backend for _, _, backend in get_backend("dynamodb").iter_backends()]
    (table,) = (backend.tables[taped.CATALOGUE] for backend in backends if taped.CATALOGUE in backend.tables)
    for number in numbers:
        made = film(number)
        kept: list[Any] = [next(entry for entry in items.shelf_items(made) if entry.sk == items.ENTRY)]
        kept += [word_index._item(made, word) for word in words.of_film(made.title, "")]  # noqa: SLF001
        kept += [items.film_item(made, unfinished=None)] if number == 1 else []
        for item in (each.serialize() for each in kept):
            key, sort_key = DynamoType(item["pk"]), DynamoType(item["sk"])
            table.items[key][sort_key] = Item(key, sort_key, item)


def claims(recorder: taped.Recorder, door: taped.Door) -> list[Row]:
    """Measure what the contract gives a limit, with exactly as many films as a list shows."""
    from functions.catalogue.items import ShelfItem  # noqa: PLC0415

    listed = recorder.tape(door.call("GET", "/api/video"))
    bare = recorder.tape(
        lambda: list(ShelfItem.by_created.query("all#published#ready", scan_index_forward=False, limit=LISTED)),
    )
    took, floor = taped.fastest(40, listed, bare)
    times = took / floor
    figures.keep("list of 1,000 films / PynamoDB's query", times, most=MOST_TIMES_QUERY)
    rows = [Row("list of 1,000 films", listed, took, floor, f"{times:.2f} x", times <= MOST_TIMES_QUERY)]

    ask = playlist(door)
    whole, unchanged = recorder.tape(ask), recorder.tape(playlist(door, ask()["headers"]["ETag"]))
    key_read = taped.Tape(unchanged.run, recorder, unchanged.calls[-1:], unchanged.answers[-1:])
    took, floor = taped.fastest(100, whole, whole.floor)
    figures.keep("playlist of 1,200 segments", took, "ms", MOST_PLAYLIST_MS)
    rows.append(Row("playlist, 1,200 segments", whole, took, floor, f"{took:.2f} ms", took <= MOST_PLAYLIST_MS))
    # a turn of their own: the text of 1,200 segments pushes everything else out of the processor's caches
    again, read = taped.fastest(300, unchanged, key_read.floor)
    above = again - read
    figures.keep("unchanged playlist above its key read", above, "ms", MOST_MS_ABOVE_READ)
    rows.append(
        Row("the same, unchanged (304)", unchanged, again, read, f"+{above:.2f} ms", above <= MOST_MS_ABOVE_READ)
    )
    return rows


def playlist(door: taped.Door, etag: str = "") -> Callable[[], dict[str, Any]]:
    """Return a call for the first film's media playlist, or with `etag` one that is told that nothing changed."""
    return door.call(
        "GET",
        "/api/video/{video_id}/{resolution}/index.m3u8",
        path={"video_id": "1", "resolution": "480p"},
        expect=304 if etag else 200,
        if_none_match=etag,
    )


def costs(recorder: taped.Recorder, door: taped.Door) -> dict[str, tuple[int, int, float]]:
    """Return for each page AWS calls, bytes that AWS answered and milliseconds of CPU, in the catalogue as it is."""
    from functions.catalogue import orders, shelves  # noqa: PLC0415

    after = orders.cursor(orders.DEFAULT, shelves.places(film(PAGE + 1))["created_key"])
    some = {"limit": str(PAGE)}
    tapes = {
        "first page": recorder.tape(door.call("GET", "/api/video", query=some)),
        "last page": recorder.tape(door.call("GET", "/api/video", query=some | {"cursor": after})),
        "rare word": recorder.tape(door.call("GET", "/api/video", query=some | {"q": RARE[:6]})),
        _COMMON: recorder.tape(door.call("GET", "/api/video", query=some | {"q": COMMON[:3]})),
        "playlist": recorder.tape(playlist(door)),
    }
    took = taped.fastest(50, *tapes.values())
    return {name: (len(tape.calls), tape.answered, ms) for (name, tape), ms in zip(tapes.items(), took, strict=True)}


def main() -> int:
    """Measure, print, and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="films of the largest catalogue")
    sizes = [size for size in SIZES if size <= parser.parse_args().most]
    grown: dict[int, dict[str, tuple[int, int, float]]] = {}
    rows: list[Row] = []
    with taped.aws() as recorder:
        door = taped.Door()
        door.log_in()
        for filled, size in zip((0, *sizes), sizes, strict=False):
            fill(range(filled + 1, size + 1))
            if size == LISTED:
                rows = claims(recorder, door)
                _print_claims(rows)
            grown[size] = costs(recorder, door)
    return 0 if _print_growth(grown) and all(row.good for row in rows) else 1


def _print_claims(rows: list[Row]) -> None:
    print(f"{'call':<28}{'AWS calls':>10}{'CPU ms':>10}{'floor ms':>10}")
    for row in rows:
        verdict = "ok" if row.good else "MISSED"
        print(f"{row.name:<28}{len(row.tape.calls):>10}{row.took:>10.2f}{row.floor:>10.2f}{row.judged:>12}  {verdict}")
    print(
        f"targets: the list at most {MOST_TIMES_QUERY:g} x PynamoDB's query; the playlist at most"
        f" {MOST_PLAYLIST_MS:g} ms; unchanged, at most {MOST_MS_ABOVE_READ:g} ms above the read of the film"
    )


def _print_growth(grown: dict[int, dict[str, tuple[int, int, float]]]) -> bool:
    names = list(next(iter(grown.values())))
    compared = [name for name in names if name != _COMMON or max(grown) > LISTED]
    print(f"\n{'films':>8}", *(f"{name:>29}" for name in names))
    for size, pages in grown.items():
        print(f"{size:>8}", *(f"{c:>5} calls {b:>7} B {ms:>5.1f} ms" for c, b, ms in pages.values()))
    level = [_is_level(name, grown) for name in compared]
    good = all(level)
    print(f"the same calls, and at most {MOST_GROWTH:g} times the bytes: {'ok' if good else 'MISSED'}")
    if LISTED not in grown:
        return good
    dearest = grown[LISTED][_COMMON][0]
    figures.keep(f"{_COMMON} with {LISTED:,} films: AWS calls", float(dearest), most=float(MOST_CALLS))
    print(f"the dearest search: {dearest} calls, at most {MOST_CALLS}: {'ok' if dearest <= MOST_CALLS else 'MISSED'}")
    return good and dearest <= MOST_CALLS


def _is_level(name: str, grown: dict[int, dict[str, tuple[int, int, float]]]) -> bool:
    sizes = [size for size in grown if name != _COMMON or size > LISTED]
    found = [grown[size][name] for size in sizes]
    times = max(answered for _, answered, _ in found) / found[0][1]
    most_calls = max(abs(calls - found[0][0]) for calls, _, _ in found)
    from_to = f"{sizes[0]:,} to {sizes[-1]:,} films"
    figures.keep(f"{name}: bytes with {from_to} / with the fewest", times, most=MOST_GROWTH)
    figures.keep(f"{name}: AWS calls more or less with {from_to}", float(most_calls), most=0.0)
    return times <= MOST_GROWTH and not most_calls


if __name__ == "__main__":
    sys.exit(main())
