"""Where chunks meet: no picture is lost, repeated or shifted there, and nothing is heard."""

import array
import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions import aws
from functions.catalogue import making
from functions.catalogue.film import BOARD_COLUMNS, BOARD_ROWS, Film, State
from functions.transcoding import chunks, plan
from functions.transcoding.plan import Plan
from tests import media
from tests.integration.transcoding.conftest import Pipeline
from tests.integration.transcoding.grey import Grey, distance

pytestmark = pytest.mark.long

# A bright bar on a board, at another place in each frame, so that no two neighbours look alike. Drawn with one row for
# each of the board's eight, since an expression for each pixel takes long.
_WALKING = (
    "nullsrc=s=320x8:r={rate}:d=22,geq=lum='60+140*lt(mod(X+47*N\\,320)\\,80)+20*lt(mod(Y\\,2)\\,1)':cb=128:cr=128,"
    "scale=320:240:flags=neighbor,setsar=1"
)
_SOUND = "sine=f=440:r={rate}:d=22"
# as pictures are compared: enough to tell one from the next
_SMALL = Grey(20, 15)
_FAST = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
_OPEN_GOP = "-c:v libx264 -preset veryfast -bf 3 -g 50 -x264-params open-gop=1:b-pyramid=normal -pix_fmt yuv420p"

SOURCES = {
    # file: frames per second, picture, sound's rate, options
    "ntsc.mp4": ("30000/1001", "", 48000, f"{_FAST} -c:a aac"),
    "open_gop.mkv": (
        "24000/1001",
        "",
        44100,
        f"{_OPEN_GOP} -c:a libmp3lame",
    ),
    "broadcast.ts": ("25", "", 48000, f"{_FAST} -g 50 -c:a aac"),
    # one picture stays for more than four seconds, over the place where two chunks meet, and the last one for ten, over
    # another, until the sound is over
    "frozen.mp4": ("30", ",select='lt(t,6)+gt(t,10.5)*lt(t,12)'", 48000, f"-fps_mode vfr {_FAST} -c:a aac"),
}


@dataclass
class Joined:
    """A film of several chunks, and the same one in one."""

    source: Path
    film: Film
    plan: Plan
    file: Path
    whole: Path
    sounds: int

    @property
    def joins(self) -> list[float]:
        """Seconds at which chunks meet."""
        return [self.plan.seconds(self.plan.chunk(number).begin) for number in range(1, len(self.plan.chunks))]


def _draw(folder: Path, name: str) -> Path:
    target = folder / f"joins-{name}"
    if not target.exists():
        rate, filters, sound_rate, options = SOURCES[name]
        picture, sound = _WALKING.format(rate=rate) + filters, _SOUND.format(rate=sound_rate)
        media.ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *options.split(), str(target))
    return target


@pytest.fixture(params=SOURCES)
def joined(request: pytest.FixtureRequest, pipeline: Pipeline, films: Path, monkeypatch: pytest.MonkeyPatch) -> Joined:
    file = _draw(films, request.param)
    whole = pipeline.make(file)
    assert whole.state is State.READY, whole.failure
    in_one = pipeline.joined(whole, "480p", "whole.ts")
    make = plan.make
    monkeypatch.setattr(plan, "make", lambda info, **how: make(info, **how | {"chunk_cost": 0.01}))
    monkeypatch.setattr(plan, "_SHORTEST_CHUNK", 7.0)
    film = pipeline.upload(file, key=f"again-{file.name}")
    prepared = pipeline.step(film, "prepare")
    assert len(prepared["chunks"]) == 3, "chunks must meet somewhere"
    known = making.look(film.id, film.version)
    assert known
    prefix = f"{film.id}/{film.version}/"
    stored = aws.s3().list_objects_v2(Bucket="videoflix-media", Prefix=prefix)["Contents"]
    for chunk in reversed(prepared["chunks"]):  # in any order
        pipeline.step(film, "encode", chunk=chunk)
    pipeline.step(film, "publish", prepared=prepared)
    film = pipeline.film(film.id)
    assert film.state is State.READY, film.failure
    sounds = sum(entry["Key"].endswith(".aac") for entry in stored)
    return Joined(file, film, chunks.plan_of(known.draft), pipeline.joined(film, "480p"), in_one, sounds)


def _samples(file: Path) -> array.array:
    raw = file.with_suffix(".f32")
    media.ffmpeg("-i", str(file), "-map", "0:a", "-ac", "1", "-f", "f32le", str(raw))
    samples = array.array("f")
    samples.frombytes(raw.read_bytes())
    return samples


def _worst(one: array.array, other: array.array, begin: int, end: int) -> float:
    return max(abs(a - b) for a, b in zip(one[begin:end], other[begin:end], strict=True))


def _steepest(samples: array.array, begin: int, end: int) -> float:
    """The largest step from one sample to the next: what is heard of a click."""
    return max(abs(a - b) for a, b in zip(samples[begin : end - 1], samples[begin + 1 : end], strict=True))


def _check_pictures(joined: Joined) -> None:
    variable = "frozen" in joined.source.name
    # as the encoder counts: each frame in the slot that its time is nearest to
    constant = [f"fps={joined.plan.frame_rate}:start_time=0"] if variable else []
    theirs, ours = _SMALL.pictures(joined.source, *constant), _SMALL.pictures(joined.file)
    assert len(ours) == joined.plan.frames
    if variable:
        theirs += 300 * theirs[-1:]
    assert len(theirs) <= len(ours) <= len(theirs) + 1, "the last picture stays until the sound is over"
    pairs = list(zip(ours, theirs, strict=False))
    assert max(distance(a, b) for a, b in pairs) < 6
    # this comparison would see a shift by one frame, anywhere but in the frozen picture
    shifted = [distance(a, b) for (a, _), (_, b) in itertools.pairwise(pairs)]
    still = sum(a == b for a, b in itertools.pairwise(theirs))
    assert sum(far > 20 for far in shifted) >= len(shifted) - still
    assert still > 100 if variable else still == 0


def _check_sound(joined: Joined) -> None:
    ours, whole = _samples(joined.file), _samples(joined.whole)
    assert len(ours) == len(whole), "no sample is lost, none is added"
    rate = joined.plan.sound.rate
    near = rate // 20
    ends = [0, *(round(at * rate) for at in joined.joins), len(ours)]
    for begin, join, end in zip(ends, ends[1:], ends[2:], strict=False):
        # what lies between two joins, far from both
        elsewhere = [(begin + 4 * near, join - 4 * near), (join + 4 * near, end - 4 * near)]
        quiet = max(_worst(ours, whole, *part) for part in elsewhere)
        assert _worst(ours, whole, join - near, join + near) <= quiet + 0.003, "the sound is another one at a join"
        usual = max(_steepest(ours, *part) for part in elsewhere)
        assert _steepest(ours, join - near, join + near) <= 1.05 * usual, "a click is heard at a join"


def _check_storyboard(joined: Joined, pipeline: Pipeline) -> None:
    board = joined.film.storyboard
    assert board
    step = joined.plan.board.step
    count = -(-joined.plan.frames // step)
    assert sum(tiles for _name, tiles in board.sheets) == count
    tiles = []
    for name, number in board.sheets:
        sheet = pipeline.folder / "sheet.jpg"
        sheet.write_bytes(pipeline.media(f"{joined.film.id}/{joined.film.version}/{name}"))
        tiles += _SMALL.pictures(sheet, f"untile={BOARD_COLUMNS}x{BOARD_ROWS}")[:number]
    ours = _SMALL.pictures(joined.file)
    for number, tile in enumerate(tiles):
        # JPEG has the full range, video the limited one: which frame it is like, and not how much
        likest = min(range(len(ours)), key=lambda frame: _apart(tile, ours[frame]))
        assert (
            ours[likest] == ours[number * step] or _apart(tile, ours[number * step]) <= _apart(tile, ours[likest]) + 4
        )


def _apart(tile: bytes, picture: bytes) -> float:
    return sum(abs(a - (b - 16) * 255 / 219) for a, b in zip(tile[::3], picture[::3], strict=True)) / len(tile[::3])


def test_the_pictures_sound_and_storyboard_of_a_film_in_chunks_are_those_of_the_film(
    joined: Joined, pipeline: Pipeline
) -> None:
    """Each picture looks like the same one of the source; the sound is what one encoder makes of the whole film."""
    assert joined.plan.sound.once is (joined.source.suffix != ".mp4"), "others' times are too coarse to begin on"
    assert joined.sounds == (len(joined.plan.chunks) if joined.plan.sound.once else 0)
    _check_pictures(joined)
    _check_sound(joined)
    _check_storyboard(joined, pipeline)
