"""Whoever reads the logs cannot fetch or send anything: no signed address and no login stands there, whatever fails."""

import io
import json
import logging
import re
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions import aws, log
from functions.transcoding import dispatch
from tests.unit.http.conftest import Api, Films

VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"
SIGNATURE = re.compile(r"(?:X-Amz-Signature|x-amz-signature|Signature|uploadId)[=\"': ]+([\w.~%-]{16,})")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """All that this process logs from now on, at its most talkative; libraries as far as production lets them."""
    log.set_level("DEBUG")
    stream = io.StringIO()
    ours, everybody = logging.getLogger("videoflix"), logging.getLogger()
    mine, theirs = logging.StreamHandler(stream), logging.StreamHandler(stream)
    theirs.setLevel(logging.WARNING)
    mine.setFormatter(next(one.formatter for one in ours.handlers if one.formatter))
    for logger, handler in ((ours, mine), (everybody, theirs)):
        monkeypatch.setattr(logger, "handlers", [*logger.handlers, handler])
    return stream


def everything(api: Api, film_id: int) -> list[bytes]:
    """What the owner of a film is answered, call by call."""
    film = f"/api/video/{film_id}"
    answers = [
        *(api.get(f"{film}{rest}", who="owner") for rest in ("/", "/status/", "/master.m3u8", "/storyboard.vtt")),
        *(api.get(f"{film}/480p/{rest}", who="owner") for rest in ("index.m3u8", "000.ts", "001.ts")),
        api.call("PUT", f"{film}/captions/de/", who="owner", body=VTT, Content_Type="text/vtt"),
        api.get(f"{film}/captions/de/index.m3u8", who="owner"),
        api.get("/api/video/", who="owner"),
    ]
    for size, in_parts in ((5, False), (5, True), (300 << 20, False)):
        said = json.dumps({"size": size, "multipart": in_parts}).encode()
        answers.append(api.call("POST", f"{film}/upload/", who="owner", body=said, Content_Type="application/json"))
        body = b'{"numbers": [1]}'
        answers.append(
            api.call("POST", f"{film}/upload/parts/", who="owner", body=body, Content_Type="application/json")
        )
        answers.append(api.get(f"{film}/upload/parts/", who="owner"))
    answers.append(api.call("POST", f"{film}/upload/abort/", who="owner"))
    return [answer.body + json.dumps(dict(answer.headers)).encode() for answer in answers]


def signatures(answers: list[bytes]) -> set[str]:
    return {found for answer in answers for found in SIGNATURE.findall(answer.decode(errors="replace"))}


def test_what_is_watched_and_sent_leaves_no_signed_address(
    api: Api, films: Films, many_uploads: None, said: io.StringIO
) -> None:
    film = films.ready()
    given = signatures(everything(api, film.id))
    dispatch.begin(film.id, film.version)
    assert len(given) > 10
    assert [one for one in given | set(api.tokens.values()) if one in said.getvalue()] == []


TROUBLES = [
    ClientError({"Error": {"Code": "InternalError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}, "GetObject"),
    EndpointConnectionError(endpoint_url="https://example.com/"),
]


@pytest.mark.usefixtures("many_uploads")
def test_a_store_that_fails_leaves_none_either(
    api: Api, films: Films, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = films.ready()
    given = signatures(everything(api, film.id))
    for trouble in TROUBLES:
        for call in ("get_object", "head_object", "put_object", "list_parts", "create_multipart_upload"):
            monkeypatch.setattr(aws.s3(), call, Mock(side_effect=trouble))
        given |= signatures(everything(api, film.id))
    assert "request_failed" in said.getvalue()
    assert [one for one in given | set(api.tokens.values()) if one in said.getvalue()] == []
