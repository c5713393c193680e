"""A film is given to viewers whole, checked, once; and what it cost is counted."""

import pytest
from botocore.exceptions import EndpointConnectionError

from functions import aws
from functions.catalogue import layout, making, store, work
from functions.catalogue.film import Film, State, Storyboard
from functions.transcoding import audit, costs, publishing
from functions.transcoding.troubles import LeaseLostError, PassingError
from tests.unit.transcoding.conftest import Machine, keys, mails, now, upload


@pytest.fixture
def encoded(film: Film, machine: Machine, environment: pytest.MonkeyPatch) -> Film:
    """A film whose two chunks are finished."""
    environment.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
    for chunk in machine.step(film, "prepare")["chunks"]:
        machine.step(film, "encode", chunk=chunk)
    return now(film.id)


def publish(film: Film, spent: float = 0.0) -> None:
    publishing.publish(film.id, film.version, str(film.execution), spent=spent)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_film_with_an_unfinished_chunk_is_not_published(film: Film, machine: Machine, missing: int) -> None:
    machine.step(film, "prepare")
    machine.step(film, "encode", chunk=1 - missing)
    with pytest.raises(PassingError):
        publish(film)
    assert now(film.id).state is State.ENCODING


def test_a_film_of_which_nothing_is_noted_is_not_published(film: Film, machine: Machine) -> None:
    machine.step(film, "prepare")
    making.forget(film.id, film.version)
    with pytest.raises(PassingError):
        publish(film)


def test_chunks_are_joined_in_order(encoded: Film) -> None:
    publish(encoded)
    done = now(encoded.id)
    assert done.renditions[0].segments == (2, 6, 6, 6, 6)
    assert done.storyboard == Storyboard(
        interval=1, width=160, height=120, sheets=(("storyboard/00000-000.jpg", 14), ("storyboard/00001-000.jpg", 12))
    )
    prefix = layout.version_prefix(done.id, done.version)
    assert {f"{prefix}{sheet}" for sheet, _ in done.storyboard.sheets} <= set(keys())


def test_the_verdict_is_kept_with_the_film(encoded: Film, time) -> None:
    publish(encoded)
    verdict = now(encoded.id).audit
    assert verdict
    assert (verdict.at, verdict.segments, verdict.seconds) == (time.time, 5, 26)


def test_published_twice_is_published_once_with_one_mail(encoded: Film, machine: Machine) -> None:
    machine.step(encoded, "publish")
    done = now(encoded.id)
    machine.step(encoded, "publish")
    assert now(encoded.id) == done
    assert len(mails()) == 1
    assert making.look(encoded.id, encoded.version) is None


def test_an_owner_is_told_although_the_queue_was_away_for_longer_than_its_client_tries(
    encoded: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(aws, "enqueue", unreachable)
        with pytest.raises(PassingError):
            machine.step(encoded, "publish")
        assert now(encoded.id).state is State.READY, "viewers do not wait for a mail"
    machine.step(encoded, "publish")  # the state machine tries the step again
    assert [mail["kind"] for mail in mails()] == ["video_ready"]


def unreachable(*_: object) -> None:
    raise EndpointConnectionError(endpoint_url="sqs")


def test_the_cost_is_that_of_all_its_steps(encoded: Film) -> None:
    known = making.look(encoded.id, encoded.version)
    assert known
    chunks = sum((chunk.made or {})["gb_seconds"] for chunk in known.chunks.values())
    publish(encoded, spent=10.0)
    cost = now(encoded.id).cost
    stored = aws.s3().list_objects_v2(Bucket="videoflix-media")["Contents"]
    assert cost.gb_seconds >= round(chunks + 10, 3)
    assert cost.gb_seconds < chunks + 10 + 60
    assert cost.bytes == sum(entry["Size"] for entry in stored)
    assert cost.chunks == 2
    assert cost.requests == 4 + len(stored), "four calls of Lambda, and what was put into S3"
    assert cost.usd > 0


def test_what_was_lost_in_the_bucket_is_noticed(encoded: Film, machine: Machine) -> None:
    aws.s3().delete_object(
        Bucket="videoflix-media", Key=layout.segment_key(encoded.id, encoded.version, "480p", "003.ts")
    )
    machine.step(encoded, "publish")
    done = now(encoded.id)
    assert done.failure
    assert (done.state, done.failure.code) == (State.FAILED, "audit_failed")


def test_what_was_put_in_the_place_of_a_segment_is_noticed(encoded: Film, machine: Machine) -> None:
    key = layout.segment_key(encoded.id, encoded.version, "480p", "003.ts")
    aws.s3().put_object(Bucket="videoflix-media", Key=key, Body=b"x" * 100_000)
    machine.step(encoded, "publish")
    assert now(encoded.id).state is State.FAILED


@pytest.mark.parametrize("how", ["superseded", "deleted", "next attempt"])
def test_who_lost_the_film_publishes_nothing(encoded: Film, how: str) -> None:
    if how == "superseded":
        upload("film.mp4", "0B", "f")
    elif how == "deleted":
        store.begin_deletion(encoded.id, resume_at=0)
    else:
        work.release(encoded.id, encoded.version, str(encoded.execution), retry_in=0, reason="lost")
        work.start(encoded.id, encoded.version)
    with pytest.raises(LeaseLostError):
        publish(encoded)
    assert mails() == []


def test_a_film_that_changes_hands_while_it_is_checked_is_not_published(
    encoded: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "film", lambda *_: upload("film.mp4", "0B", "f"))
    with pytest.raises(LeaseLostError):
        publish(encoded)
    assert now(encoded.id).published_version is None


def test_what_a_lambda_costs_is_its_memory_for_its_time(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3072")
    assert costs.gb_seconds(10) == 30
    environment.delenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    assert costs.gb_seconds(10) == 0, "not on Lambda"


def test_the_price_is_the_sum_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert costs.usd(gb_seconds=0, calls=0, puts=0, chunks=0) == pytest.approx(6 * 0.025 / 1000)
    price = costs.usd(gb_seconds=1000, calls=10, puts=1000, chunks=10)
    assert price == pytest.approx(0.0166667 + 10 * 0.2e-6 + 0.005 + 36 * 0.025e-3, abs=1e-6)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert costs.usd(gb_seconds=1000, calls=10, puts=1000, chunks=10) < price
