"""Commands that have films encoded again, and that look after what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.catalogue import store
from functions.cli.frame import CommandError, add_command, add_dry_run, print_json, print_table, sentence
from functions.cli.progress import counted
from functions.errors import DomainError
from functions.operations import dead_letters, encoding

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from functions.catalogue.film import Film
    from functions.cli.frame import Commands
    from functions.operations.dead_letters import DeadLetter


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    again = add_command(commands, "enqueue_transcodes", enqueue_transcodes, "Encode videos again from their sources.")
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", type=int, default=[], metavar="ID", help="which videos")
    which.add_argument("--all", action="store_true", help="every video that is ready or failed")
    add_dry_run(again)
    meaning = "Encode every video that plays nothing and that nobody works on, where that may help."
    add_dry_run(add_command(commands, "auto_enqueue_missing", auto_enqueue_missing, meaning))
    retry = add_command(commands, "redrive", redrive, "Show what failed, or try it again.")
    retry.add_argument("ids", nargs="*", type=int, metavar="ID", help="try these failed videos again")
    retry.add_argument("--all", action="store_true", help="try every failed video again")
    retry.add_argument("--dead-letters", action="store_true", help="try every dead letter again")
    add_dry_run(retry)


def enqueue_transcodes(arguments: argparse.Namespace) -> int:
    """Start the named films again, or all that are finished."""
    films = store.all_films() if arguments.all else _named(arguments.ids)
    chosen = [film for film in counted("Videos read:", films) if not arguments.all or film.state.finished]
    return _start(chosen, arguments)


def auto_enqueue_missing(arguments: argparse.Namespace) -> int:
    """Start the films that have nothing to show for and may get it."""
    return _start(encoding.missing(counted("Videos read:", store.all_films())), arguments)


def _named(ids: Iterable[int]) -> list[Film]:
    films = [(film_id, store.get(film_id)) for film_id in dict.fromkeys(ids)]
    unknown = [str(film_id) for film_id, film in films if film is None]
    if unknown:
        raise CommandError(f"There is no video {', '.join(unknown)}.")
    return [film for _, film in films if film]


def _start(
    films: Iterable[Film], arguments: argparse.Namespace, also: Callable[[Film], None] = lambda _film: None
) -> int:
    started, refused = [], []
    for film in films:
        try:
            also(film)
            encoding.check(film) if arguments.dry_run else encoding.start(film.id)
        except DomainError as error:
            refused.append({"id": film.id, "error": _text(error)})
        else:
            started.append({"id": film.id, "title": film.title})
    if arguments.json:
        print_json({"ok": not refused, "dry_run": arguments.dry_run, "enqueued": started, "refused": refused})
        return 1 if refused else 0
    verb = "would be queued" if arguments.dry_run else "queued"
    for entry in started:
        print(f"Video {entry['id']} {verb}: {entry['title']}")
    for entry in refused:
        print(f"Video {entry['id']} not queued: {entry['error']}")
    print(f"{len(started)} {verb}, {len(refused)} refused.")
    return 1 if refused else 0


def _text(error: DomainError) -> str:
    return " ".join(text for texts in error.errors.values() for text in texts)


def redrive(arguments: argparse.Namespace) -> int:
    """Without arguments show failed films and dead letters; else try again what is named."""
    if arguments.all and arguments.ids:
        raise CommandError("Name videos or give --all, not both.")
    if arguments.dead_letters and (arguments.all or arguments.ids):
        raise CommandError("Try videos again or dead letters, one after the other.")
    if arguments.dead_letters:
        return _redrive_letters(arguments)
    if arguments.all or arguments.ids:
        films = store.failed() if arguments.all else _named(arguments.ids)
        return _start(films, arguments, encoding.check_failed)
    return _show(arguments)


def _show(arguments: argparse.Namespace) -> int:
    films, letters = store.failed(), _looked_at()
    if arguments.json:
        print_json({"failed": [_failed(film) for film in films], "dead_letters": [_letter(each) for each in letters]})
        return 0
    if not films and not letters:
        print("Nothing failed.")
        return 0
    print_table(
        ("ID", "FAILED AT", "CODE", "STEP", "TITLE"),
        [(film.id, _failed(film)["failed_at"], *_why(film), film.title) for film in films],
    )
    print()
    print_table(
        ("DEAD LETTER", "SENT AT", "ID"),
        [(letter.kind.value, letter.sent_at.isoformat(timespec="seconds"), letter.id) for letter in letters],
    )
    return 0


def _looked_at() -> list[DeadLetter]:
    letters = sorted(dead_letters.waiting(), key=lambda letter: (letter.kind, letter.sent_at))
    for letter in letters:
        dead_letters.release(letter)
    return letters


def _why(film: Film) -> tuple[str, str]:
    return (film.failure.code, film.failure.step) if film.failure else ("", "")


def _failed(film: Film) -> dict[str, object]:
    code, step = _why(film)
    return {
        "id": film.id,
        "title": film.title,
        "failed_at": film.failed_at.isoformat(timespec="seconds"),
        "code": code,
        "step": step,
        "message": film.failure.message if film.failure else "",
    }


def _letter(letter: DeadLetter) -> dict[str, object]:
    # a mail's body may hold a one-time link, which is nobody's but its reader's
    shown = None if letter.kind is dead_letters.Kind.MAIL else letter.body
    return {"id": letter.id, "kind": letter.kind.value, "sent_at": letter.sent_at.isoformat(), "body": shown}


def _redrive_letters(arguments: argparse.Namespace) -> int:
    told, stayed, failed = [], [], False
    for letter in dead_letters.waiting():
        if arguments.dry_run:
            outcome, is_good = "would be tried again", True
        else:
            outcome, is_good = _tried(letter, arguments.stage)
        failed = failed or not is_good
        if arguments.dry_run or not is_good:
            stayed.append(letter)
        told.append({"id": letter.id, "kind": letter.kind.value, "outcome": outcome})
    for letter in stayed:  # not before all were seen, or it would come back at once
        dead_letters.release(letter)
    if arguments.json:
        print_json({"ok": not failed, "dry_run": arguments.dry_run, "dead_letters": told})
    else:
        print_table(("DEAD LETTER", "ID", "OUTCOME"), [(each["kind"], each["id"], each["outcome"]) for each in told])
    return 1 if failed else 0


def _tried(letter: DeadLetter, stage: str) -> tuple[str, bool]:
    """Try a letter; returns what became of it, and whether that is good. One that fails holds up no other."""
    try:
        return dead_letters.retry(letter), True
    except (KeyError, TypeError, ValueError, AttributeError):
        return "not understood; it stays", False
    except Exception as error:
        problem = sentence(error, stage)
        if problem is None:
            raise
        return f"{problem} It stays.", False
