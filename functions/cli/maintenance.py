"""Commands that compare films with what lies in the buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.catalogue import store
from functions.cli.frame import CommandError, add_command, add_dry_run, print_json, print_table
from functions.cli.progress import counted
from functions.operations import caption_texts, encoding, renditions

if TYPE_CHECKING:
    import argparse

    from functions.cli.frame import Commands
    from functions.operations.maintenance import Findings
    from functions.operations.renditions import Broken

_UNREGISTERED = "These uploads could not be registered:"
_UNCONFIRMED = "Nothing was deleted. Look at the orphans, then add --confirm."


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    meaning = (
        "Look whether all of every published video, and its captions, is in the bucket. Exit code 1: something is not."
    )
    check = add_command(commands, "check_renditions", check_renditions, meaning)
    check.add_argument("--heal", action="store_true", help="encode again what is broken, store captions again")
    add_dry_run(check)
    meaning = "Compare all videos with what lies in the buckets, and mend or tidy up. Alone it only looks."
    care = add_command(commands, "media_maintenance", media_maintenance, meaning)
    care.add_argument("--scan", action="store_true", help="only look, which is what happens anyway")
    care.add_argument("--heal", action="store_true", help="mend broken videos and captions, register forgotten uploads")
    care.add_argument("--enqueue-missing", action="store_true", help="encode what plays nothing, where it may help")
    care.add_argument("--prune-orphans", action="store_true", help="delete what belongs to no video; needs --confirm")
    care.add_argument("--confirm", action="store_true", help="yes, delete")
    add_dry_run(care)


def check_renditions(arguments: argparse.Namespace) -> int:
    """Print the films that do not play as they should, and encode them again if that is wished."""
    films = counted("Videos checked:", store.all_films())
    broken = [found for found in map(renditions.check, films) if found]
    torn = [each.film for each in broken if arguments.heal and each.needs_encoding]
    lost = [film.id for film in torn if encoding.has_lost_source(film)]
    wanted = [film for film in torn if film.id not in lost]
    healed = encoding.free(wanted) if arguments.dry_run else encoding.start_those_free(film.id for film in wanted)
    texts = {each.film.id: _mended(each, arguments) for each in broken if arguments.heal}
    if arguments.json:
        print_json([_broken(each) | _healing(each, healed, texts) for each in broken])
    else:
        _print_broken(broken)
        for film_id in lost:
            print(f"Video {film_id} has no source any more: upload it again.")
        for film_id in healed:
            print(f"Video {film_id} {'would be' if arguments.dry_run else 'is being'} encoded again.")
        _print_captions([each for each in broken if arguments.heal], texts, dry_run=arguments.dry_run)
    return 1 if broken else 0


def _mended(each: Broken, arguments: argparse.Namespace) -> list[str]:
    if arguments.dry_run:
        return caption_texts.restorable(each.captions)
    return caption_texts.restore(each.film.id, each.captions)


def _healing(each: Broken, films: list[int], texts: dict[int, list[str]]) -> dict[str, object]:
    return {"healing": each.film.id in films, "captions_healed": texts.get(each.film.id, [])}


def _print_captions(broken: list[Broken], texts: dict[int, list[str]], *, dry_run: bool) -> None:
    for each in broken:
        for caption in each.captions:
            if caption.language in texts[each.film.id]:
                done = "would be stored again" if dry_run else "are stored again"
            else:
                done = "have no file to be stored again from: send them again"
            print(f"Video {each.film.id}: captions {caption.language} {done}.")


def _broken(each: Broken) -> dict[str, object]:
    return {
        "id": each.film.id,
        "title": each.film.title,
        "missing": list(each.missing),
        "empty": list(each.empty),
        "captions": _languages(each),
    }


def _languages(each: Broken) -> list[str]:
    return [caption.language for caption in each.captions]


def _print_broken(broken: list[Broken]) -> None:
    if not broken:
        print("Every published video is whole.")
        return
    print_table(("ID", "MISSING", "EMPTY", "FOR EXAMPLE", "CAPTIONS", "TITLE"), map(_row, broken))


def _row(each: Broken) -> tuple[object, ...]:
    captions = ",".join(_languages(each)) or "-"
    return each.film.id, len(each.missing), len(each.empty), _example(each), captions, each.film.title


def _example(each: Broken) -> str:
    return next(iter(each.missing + each.empty), "-")


def media_maintenance(arguments: argparse.Namespace) -> int:
    """Look through everything, then do what is wished, in an order in which no step undoes another."""
    from functions.operations import maintenance  # noqa: PLC0415 - it brings ingest, which others do not need

    if arguments.scan and (arguments.heal or arguments.enqueue_missing or arguments.prune_orphans):
        raise CommandError("--scan only looks: leave it out, or what else is to be done.")
    found = maintenance.scan(lambda films: counted("Videos checked:", films))
    act = not arguments.dry_run
    report = _report(found) | {"dry_run": arguments.dry_run}
    if arguments.heal:
        healed = maintenance.heal(found) if act else maintenance.healable(found)
        report["healed"] = {"films": healed.films, "uploads": healed.uploads, "captions": healed.captions}
        if healed.failed:
            report |= {"ok": False, "error": f"{_UNREGISTERED} {', '.join(healed.failed)}"}
    if arguments.enqueue_missing:
        report["enqueued"] = maintenance.enqueue_missing(found) if act else maintenance.enqueueable(found)
    refused = arguments.prune_orphans and act and not arguments.confirm
    if arguments.prune_orphans:
        report["pruned"] = _pruned(found, arguments)
    if refused:
        report |= {"ok": False, "error": _UNCONFIRMED}
    if arguments.json:
        print_json(report)
    else:
        _print_report(found, report)
    return 0 if report["ok"] else 1


def _pruned(found: Findings, arguments: argparse.Namespace) -> int:
    from functions.operations import maintenance  # noqa: PLC0415 - as above

    if arguments.dry_run:
        return sum(orphan.objects for orphan in found.orphans)
    return maintenance.prune(found) if arguments.confirm else 0


def _report(found: Findings) -> dict[str, object]:
    return {
        "ok": True,
        "films": found.films,
        "uploads": found.uploads,
        "broken": [_broken(each) for each in found.broken],
        "missing": [film.id for film in found.missing],
        "unregistered_uploads": found.unregistered,
        "captions_unused": found.captions_unused,
        "sources_missing": [film.id for film in found.sources_missing],
        "orphans": [
            {"bucket": each.bucket, "key": each.key, "objects": each.objects, "bytes": each.size}
            for each in found.orphans
        ],
    }


def _print_report(found: Findings, report: dict[str, object]) -> None:
    print_table(
        ("FOUND", "COUNT", "WHICH"),
        [
            ("videos", found.films, ""),
            ("uploads", found.uploads, ""),
            ("broken videos", len(found.broken), _ids([each.film.id for each in found.broken])),
            ("videos that play nothing", len(found.missing), _ids([film.id for film in found.missing])),
            ("uploads without a video", len(found.unregistered), ", ".join(found.unregistered[:3])),
            ("captions that no video has", len(found.captions_unused), ", ".join(found.captions_unused[:3])),
            ("videos without a source", len(found.sources_missing), _ids([film.id for film in found.sources_missing])),
            ("orphans", len(found.orphans), f"{sum(each.size for each in found.orphans) / 1e6:.1f} MB"),
        ],
    )
    for orphan in found.orphans:
        print(f"  s3://{orphan.bucket}/{orphan.key} ({orphan.objects} objects)")
    would = "would be " if report["dry_run"] else ""
    for done in ("healed", "enqueued", "pruned", "error"):
        if done in report:
            print(f"{would}{done}: {report[done]}")


def _ids(ids: list[int]) -> str:
    return ", ".join(map(str, ids[:10])) + (" ..." if len(ids) > 10 else "")  # noqa: PLR2004 - as many as a line holds
