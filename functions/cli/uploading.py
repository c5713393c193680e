"""Commands about a file on this machine: what would be made of it, and its upload."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from functions import settings
from functions.accounts import people
from functions.catalogue import text
from functions.cli.frame import CommandError, add_command, add_dry_run, print_json, print_table
from functions.cli.progress import Bar

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import ModuleType

    from functions.accounts.people import Person
    from functions.cli.frame import Commands
    from functions.transcoding.plan import Plan


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    upload = add_command(commands, "upload_video", upload_video, "Upload a video file and have it encoded.")
    upload.add_argument("source", type=Path, metavar="SOURCE", help="the file")
    upload.add_argument("--title", help="default: the file's name made readable")
    upload.add_argument("--category", help=f"drama, comedy or any other (default: {text.DEFAULT_CATEGORY})")
    upload.add_argument("--owner", metavar="EMAIL_OR_ID", help="whose it is (default: DEFAULT_OWNER)")
    upload.add_argument("--publish", action="store_true", help="let everybody see it; else its owner and staff do")
    upload.add_argument("--move", action="store_true", help="delete the file here once it is safely there")
    upload.add_argument("--skip-transcode", action="store_true", help="do not encode it yet (enqueue_transcodes does)")
    add_dry_run(upload)
    shown = add_command(commands, "plan", show_plan, "Show what would be made of a video file. Changes nothing.")
    shown.add_argument("source", type=Path, metavar="FILE")


def upload_video(arguments: argparse.Namespace) -> int:
    """Check a file and what is said of it, upload it, register it."""
    path = _file(arguments.source)
    category = _category(arguments.category)
    owner = _owner(arguments.owner)
    uploading = _uploading()
    with _tools_needed():
        _, plan = uploading.inspect(path)
    rungs = [] if arguments.skip_transcode else [rendition.name for rendition in plan.renditions]
    if arguments.dry_run:
        return _tell(arguments, {"ok": True, "dry_run": True, "rungs_enqueued": rungs}, "It can be uploaded.")
    said = uploading.Said(
        owner_email=owner.email,
        published=arguments.publish,
        title=arguments.title,
        category=category,
        transcode=not arguments.skip_transcode,
    )
    with Bar("Uploading", path.stat().st_size) as bar:
        try:
            uploaded = uploading.upload(path, said, bar.add)
        except uploading.S3UploadFailedError:
            raise CommandError("The upload broke off and nothing was registered. Try again.") from None
    moved = arguments.move and _removed(path)
    answer = {
        "ok": True,
        "video_id": uploaded.film_id,
        "copied": not moved,
        "moved": moved,
        "transfer_mode": "moved" if moved else "copied",
        "target_path": f"s3://{uploaded.bucket}/{uploaded.key}",
        "rungs_enqueued": rungs,
        "skip_transcode": arguments.skip_transcode,
        "published": arguments.publish,
        "thumbnail_url": "",  # drawn with the first encoding
    }
    return _tell(arguments, answer, f"Video {uploaded.film_id} uploaded. Queued: {', '.join(rungs) or 'nothing'}.")


def _tell(arguments: argparse.Namespace, answer: dict[str, object], sentence: str) -> int:
    if arguments.json:
        print_json(answer)
    else:
        print(sentence)
    return 0


def _file(path: Path) -> Path:
    if not path.is_file():
        raise CommandError(f"Source file not found: {path}")
    return path


def _category(category: str | None) -> str | None:
    if category is None or text.is_category(category):
        return category
    raise CommandError(f"Invalid category {category!r}: up to 40 letters, digits, spaces, _ and -, and not 'newest'.")


def _owner(named: str | None) -> Person:
    wanted = named or settings.current().default_owner
    if not wanted:
        raise CommandError("Name an owner with --owner: this stage has no DEFAULT_OWNER.")
    person = people.get(int(wanted)) if wanted.isdecimal() else people.find_by_email(wanted)
    if person is None:
        raise CommandError("Owner not found")
    return person


def _removed(path: Path) -> bool:
    """Remove a file that is uploaded. That it cannot be removed does not undo the upload."""
    try:
        path.unlink()
    except OSError:
        print("The video is uploaded. The file here could not be removed.", file=sys.stderr)
        return False
    return True


def _uploading() -> ModuleType:
    from functions.operations import uploading  # noqa: PLC0415 - it brings the transcoder, which no other command needs

    return uploading


@contextlib.contextmanager
def _tools_needed() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CommandError(f"{error}. Install ffmpeg, or run: make up") from None


def show_plan(arguments: argparse.Namespace) -> int:
    """Print the plan of an encoding as data."""
    path = _file(arguments.source)
    with _tools_needed():
        info, plan = _uploading().inspect(path)
    if arguments.json:
        print_json(_as_data(info.duration, plan))
        return 0
    print(f"{info.duration:.3f} s, {info.picture.width}x{info.picture.height} {info.picture.codec}", end=" -> ")
    print(f"{plan.frames} frames at {float(plan.frame_rate):.3f} a second, {len(plan.starts)} segments")
    print_table(
        ("RENDITION", "SIZE", "LEVEL", "CAP", "MADE BY"),
        [
            (
                each.name,
                f"{each.width}x{each.height}",
                each.level,
                f"{each.cap / 1e6:.3g} Mbit/s",
                "copying" if each.copied else "encoding",
            )
            for each in plan.renditions
        ],
    )
    return 0


def _as_data(duration: float, plan: Plan) -> dict[str, object]:
    return {
        "source_duration": duration,
        "duration": plan.duration,
        "frame_rate": str(plan.frame_rate),
        "frames": plan.frames,
        "segment_starts": list(plan.starts),
        "sound": plan.sound is not None,
        "deinterlace": plan.video.deinterlace,
        "to_sdr": plan.video.colour.to_sdr,
        "renditions": [
            {"name": each.name, "width": each.width, "height": each.height, "level": each.level,
             "cap": each.cap, "buffer": each.buffer, "codecs": each.codecs, "copied": each.copied is not None}
            for each in plan.renditions
        ],
    }  # fmt: skip
