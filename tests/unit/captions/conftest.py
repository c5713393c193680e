"""The uploads bucket, as those who may write to it use it."""

from dataclasses import dataclass

import pytest

from functions import aws
from functions.accounts import people
from functions.catalogue import store
from functions.catalogue.film import Film
from functions.transcoding import ingest
from tests.unit.moto_in_one_piece import remembered

BUCKET = "videoflix-uploads"
GERMAN = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHallo\n"
ENGLISH = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


@dataclass
class Bucket:
    """Puts objects and delivers their events, as often and in whatever order a test likes."""

    def put(self, key: str, body: bytes = b"film") -> None:
        aws.s3().put_object(Bucket=BUCKET, Key=key, Body=body)

    def event(self, key: str) -> None:
        ingest.on_object(BUCKET, key, "")

    def drop(self, key: str, body: bytes = b"film") -> None:
        self.put(key, body)
        self.event(key)

    def names(self) -> list[str]:
        return [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def film(self, key: str) -> Film:
        owned = store.ownership(key)
        film = store.get(owned.film_id) if owned else None
        assert film, f"no film of {key}"
        return film

    def languages(self, key: str = "film.mp4") -> list[str]:
        return [caption.language for caption in self.film(key).captions]


@pytest.fixture
def bucket(tables: None) -> Bucket:
    remembered("demo", lambda: people.seed("demo@videoflix.local", "Demo123!"))
    return Bucket()
