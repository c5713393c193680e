"""Signed URLs: storage accepts them, they outlive the film, and they die when the contract says."""

import datetime as dt
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from functions import settings
from functions.delivery import signing
from functions.delivery.signing import S3Signer
from tests.unit import clients

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SIGNED_AT = 1_790_000_000 - 1_790_000_000 % signing.WINDOW

keys = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=30).filter(
        lambda part: part not in (".", "..")
    ),
    min_size=1,
    max_size=4,
).map("/".join)


@pytest.fixture(scope="module")
def presign():
    """botocore's own presigner, its client made once (making one takes longer than a hundred signatures)."""
    clients = {}

    def url(base_url: str, region: str, bucket: str, key: str, lasts: int) -> str:
        client = clients.get((base_url, region))
        if client is None:
            client = clients[base_url, region] = boto3.Session(KEY_ID, SECRET, region_name=region).client(
                "s3",
                endpoint_url=base_url,
                config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
            )
        now = dt.datetime.fromtimestamp(SIGNED_AT, dt.UTC)
        with mock.patch("botocore.auth.get_current_datetime", return_value=now):
            return client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=lasts)

    return url


def parts(url: str) -> tuple[str, str, str, dict[str, list[str]]]:
    split = urlsplit(url)
    return split.scheme, split.netloc, split.path, parse_qs(split.query)


@pytest.mark.slow
@hypothesis_settings(deadline=None)
@given(key=keys, lasts=st.integers(1, 604_800))
def test_every_key_is_signed_as_botocore_signs_it(presign, key: str, lasts: int) -> None:
    """Storage would answer 403 to a film whose key has a space, a plus sign or an umlaut."""
    signer = S3Signer("http://127.0.0.1:4566", "videoflix-media", "us-east-1", KEY_ID, SECRET)
    ours = signer.window(SIGNED_AT, lasts)(key)
    theirs = presign("http://127.0.0.1:4566", "us-east-1", "videoflix-media", key, lasts)
    assert parts(ours) == parts(theirs)


@pytest.mark.parametrize("key", ["a b.ts", "a+b&c=d.ts", "Ünïcödé/Ä.ts", "~(1)!*'.ts", "100%.ts", "a//b.ts", "?#[]@"])
@pytest.mark.parametrize(
    ("base_url", "region"),
    [("http://127.0.0.1:4566", "us-east-1"), ("https://s3.eu-central-1.amazonaws.com", "eu-central-1")],
)
def test_awkward_keys_and_other_regions_are_signed_as_botocore_signs_them(presign, base_url, region, key) -> None:
    """On AWS, or with a strange file name, no segment would load."""
    ours = S3Signer(base_url, "media", region, KEY_ID, SECRET).window(SIGNED_AT, 3600)(key)
    assert parts(ours) == parts(presign(base_url, region, "media", key, 3600))


@pytest.mark.usefixtures("signer_ready")
class TestLifetime:
    """How long what `media_url` gives can be used."""

    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch: pytest.MonkeyPatch):
        self.now = SIGNED_AT
        monkeypatch.setattr("functions.delivery.signing.time.time", lambda: self.now)

    def dies_at(self, url: str) -> int:
        query = parse_qs(urlsplit(url).query)
        signed = dt.datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        return int(signed.timestamp()) + int(query["X-Amz-Expires"][0])

    @hypothesis_settings(deadline=None)
    @given(second=st.integers(0, signing.WINDOW - 1), length=st.floats(0, 6 * 3600))
    def test_a_url_outlives_the_film_and_dies_within_its_length_and_an_hour(self, second: int, length: float) -> None:
        """Playback would stop before the end, or an unpublished film would stay open too long."""
        self.now = SIGNED_AT + second
        left = self.dies_at(signing.media_url("7/v/480p/000.ts", lasts=length)) - self.now
        assert length + 30 * 60 <= left <= length + 3600 + 1

    def test_a_url_is_the_same_within_a_window_and_new_in_the_next(self) -> None:
        """Browsers would load each thumbnail anew with every list."""
        first = signing.media_url("7/v/thumbnail.jpg", lasts=0)
        self.now += signing.WINDOW - 1
        assert signing.media_url("7/v/thumbnail.jpg", lasts=0) == first
        self.now += 1
        assert signing.media_url("7/v/thumbnail.jpg", lasts=0) != first

    def test_no_url_asks_for_more_than_storage_allows(self) -> None:
        """S3 answers 400 to anything longer than seven days."""
        assert self.dies_at(signing.media_url("k", lasts=10**9)) - self.now == 7 * 24 * 3600


@pytest.mark.usefixtures("signer_ready")
def test_a_rotated_key_is_used_from_the_next_window_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a rotation a warm worker would go on handing out URLs that storage refuses."""
    now = SIGNED_AT
    monkeypatch.setattr("functions.delivery.signing.time.time", lambda: now)
    assert "AKIAUNIT%2F" in signing.media_url("k", lasts=0)
    clients.client("secretsmanager").put_secret_value(
        SecretId=settings.current().media_signer_secret,
        SecretString='{"access_key_id": "AKIANEW", "secret_access_key": "new"}',
    )
    now += signing.WINDOW
    assert "AKIANEW%2F" in signing.media_url("k", lasts=0)


@pytest.mark.usefixtures("signer_ready")
def test_films_go_on_while_secrets_manager_does_not_answer_and_not_where_it_says_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the next half hour on each list and playlist was an error."""
    now, answers = SIGNED_AT, list[Exception]()

    def ask(operation: str, _arguments: object) -> None:
        if operation == "GetSecretValue" and answers:
            raise answers[-1]

    monkeypatch.setattr("functions.delivery.signing.time.time", lambda: now)
    first = signing.media_url("k", lasts=0)
    clients.before_each_call(monkeypatch, ask)
    answers.append(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    now += signing.WINDOW
    later = signing.media_url("k", lasts=0)
    assert later != first
    assert "AKIAUNIT%2F" in later
    said = {"Error": {"Code": "AccessDeniedException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    answers.append(ClientError(said, "GetSecretValue"))
    now += signing.WINDOW
    with pytest.raises(ClientError):
        signing.media_url("k", lasts=0)


@pytest.mark.usefixtures("signer_ready")
def test_without_a_public_address_urls_name_the_region_of_aws(environment: pytest.MonkeyPatch) -> None:
    """On AWS, where MEDIA_BASE_URL is empty, no URL would resolve."""
    environment.setenv("MEDIA_BASE_URL", "")
    settings.current.cache_clear()
    assert signing.media_url("k", lasts=0).startswith("https://s3.us-east-1.amazonaws.com/videoflix-media/k?")
