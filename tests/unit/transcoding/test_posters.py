"""Posters that are drawn on demand, with ffmpeg faked: what viewers know under an address stays what it is."""

import itertools

import pytest
from botocore.exceptions import ClientError

from functions import aws
from functions.catalogue import editing
from functions.catalogue.film import Film
from functions.transcoding import pictures
from functions.transcoding.pictures import Drawn
from functions.transcoding.troubles import PassingError
from tests.unit.transcoding.conftest import Machine, now


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """What was drawn from renditions: each time another picture."""
    seen: list[float | None] = []
    numbers = itertools.count()

    def draw(*_: object, at: float | None) -> Drawn:
        seen.append(at)
        number = next(numbers)
        return Drawn(thumbnail=b"thumbnail %d" % number, poster=b"poster %d" % number)

    monkeypatch.setattr(pictures, "of_renditions", draw)
    return seen


def _choose(machine: Machine, film: Film, at: float | None) -> Film:
    editing.edit(film.id, editing.Edit(poster_at=at))
    machine.step(film, "poster", seconds=at)
    return now(film.id)


def _stored(film: Film) -> tuple[bytes, bytes]:
    thumbnail, poster = (
        aws.s3().get_object(Bucket="videoflix-media", Key=f"{film.id}/{film.version}/{name}")["Body"].read()
        for name in (film.thumbnail, film.poster)
    )
    return thumbnail, poster


def test_a_poster_that_was_shown_before_is_shown_again_and_is_the_same_picture(
    film: Film, machine: Machine, drawn: list[float | None]
) -> None:
    """Browsers keep what lies at its address for ever: they would go on showing another one than everybody else."""
    first = machine.run(film)
    before = _stored(first)
    chosen = _choose(machine, first, 12.5)
    assert (chosen.thumbnail, _stored(chosen)) == ("thumbnail-12500.jpg", (b"thumbnail 0", b"poster 0"))
    by_itself = _choose(machine, first, None)
    assert (by_itself.thumbnail, _stored(by_itself)) == ("thumbnail.jpg", before)
    again = _choose(machine, first, 12.5)
    assert (again.thumbnail, _stored(again)) == (chosen.thumbnail, (b"thumbnail 0", b"poster 0"))
    assert drawn == [12.5], "what is there is shown at once"


def test_of_a_pair_that_was_stored_by_half_both_are_drawn(
    film: Film, machine: Machine, drawn: list[float | None]
) -> None:
    done = machine.run(film)
    aws.s3().put_object(Bucket="videoflix-media", Key=f"{film.id}/{done.version}/poster-3000.jpg", Body=b"half")
    assert _stored(_choose(machine, done, 3.0)) == (b"thumbnail 0", b"poster 0")


def test_a_bucket_that_does_not_answer_may_answer_later(
    film: Film, machine: Machine, drawn: list[float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = machine.run(film)

    def down(**_: object) -> None:
        raise ClientError({"Error": {"Code": "503"}}, "HeadObject")

    monkeypatch.setattr(aws.s3(), "head_object", down)
    with pytest.raises(PassingError):
        _choose(machine, done, 3.0)
    assert (now(film.id).thumbnail, drawn) == ("thumbnail.jpg", [])
