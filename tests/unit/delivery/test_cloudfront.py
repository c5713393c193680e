"""CloudFront's signed URLs: it accepts them, they open what they are for and no more, and cost little."""

import base64
import datetime as dt
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.signers import CloudFrontSigner as BotocoreSigner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from functions import settings
from functions.delivery import signing
from functions.delivery.cloudfront import CloudFrontSigner
from tests.unit import clients

SIGNED_AT = 1_790_000_000 - 1_790_000_000 % signing.WINDOW
KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


SIGNER = CloudFrontSigner("d111111abcdef8.cloudfront.net", "K2JCJMDEHXQW5F", pem(KEY))


def decoded(text: str) -> bytes:
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")))


def parts(url: str) -> tuple[dict, bytes, bytes]:
    """The policy of a URL, as JSON and as it was signed, and the signature."""
    query = parse_qs(urlsplit(url).query)
    assert query["Key-Pair-Id"] == ["K2JCJMDEHXQW5F"]
    text = decoded(query["Policy"][0])
    return json.loads(text), text, decoded(query["Signature"][0])


def opens(url: str, other: str) -> bool:
    """Whether the policy of `url` covers the address `other`, as CloudFront compares them."""
    resource = parts(url)[0]["Statement"][0]["Resource"]
    return other.startswith(resource[:-1]) if resource.endswith("*") else other == resource


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ("7/1-abc/480p/000.ts", "7/1-abc/*"),
        ("7/1-abc/thumbnail.jpg", "7/1-abc/thumbnail.jpg"),
        ("7/captions-00/pt-BR.vtt", "7/captions-00/pt-BR.vtt"),
        ("7/1-abc/480p/a b+c&d=ü.ts", "7/1-abc/*"),
        ("7/1-abc/ü?.jpg", "7/1-abc/%C3%BC%3F.jpg"),
    ],
)
def test_a_url_is_what_botocore_makes_of_the_same_policy(key: str, resource: str) -> None:
    """CloudFront would answer 403 to every segment."""
    ours = SIGNER.window(SIGNED_AT, 3600)(key)

    def sign(text: bytes) -> bytes:
        return KEY.sign(text, ec.ECDSA(hashes.SHA1(), deterministic_signing=True))

    botocore = BotocoreSigner("K2JCJMDEHXQW5F", sign)
    base = "https://d111111abcdef8.cloudfront.net/"
    expires = dt.datetime.fromtimestamp(SIGNED_AT + 3600, dt.UTC)
    policy = botocore.build_policy(f"{base}{resource}", expires)
    assert ours == botocore.generate_presigned_url(ours.partition("?")[0], policy=policy)


def test_the_public_key_verifies_the_policy_and_no_other() -> None:
    _, text, signature = parts(SIGNER.window(SIGNED_AT, 3600)("7/1-abc/480p/000.ts"))
    KEY.public_key().verify(signature, text, ec.ECDSA(hashes.SHA1()))
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(signature, text.replace(b"/7/", b"/8/"), ec.ECDSA(hashes.SHA1()))


def test_one_signature_serves_every_rendition_of_a_film_and_none_of_another() -> None:
    """Thousands of segments cost one signature; a version's name ends where its folder does."""
    sign = SIGNER.window(SIGNED_AT, 3600)
    first = sign("7/1-abc/480p/000.ts")
    queries = {sign(f"7/1-abc/{rung}/{n:03d}.ts").partition("?")[2] for rung in ("480p", "1080p") for n in range(600)}
    assert queries == {first.partition("?")[2]}
    host = "https://d111111abcdef8.cloudfront.net/"
    assert opens(first, f"{host}7/1-abc/720p/001.ts")
    for other in ("8/1-abc/480p/000.ts", "70/1-abc/480p/000.ts", "7/1-abcd/480p/000.ts", "7/2-abc/480p/000.ts"):
        assert not opens(first, f"{host}{other}")


def test_a_thumbnails_url_opens_the_thumbnail_and_nothing_of_the_film() -> None:
    """It stands in pages and needs no credentials: whoever copied it could watch the film."""
    thumbnail = SIGNER.window(SIGNED_AT, 3600)("7/1-abc/thumbnail.jpg")
    host = "https://d111111abcdef8.cloudfront.net/"
    assert opens(thumbnail, f"{host}7/1-abc/thumbnail.jpg")
    assert not opens(thumbnail, f"{host}7/1-abc/480p/000.ts")


def test_all_workers_make_the_same_url() -> None:
    """Browsers would load each thumbnail anew with every list."""
    again = CloudFrontSigner(SIGNER.domain, SIGNER.key_pair_id, SIGNER.private_key)
    for key in ("7/1-abc/480p/000.ts", "7/1-abc/thumbnail.jpg"):
        assert SIGNER.window(SIGNED_AT, 3600)(key) == again.window(SIGNED_AT, 3600)(key)


def test_a_key_of_another_kind_is_refused_without_showing_it() -> None:
    key = pem(rsa.generate_private_key(65537, 2048))
    with pytest.raises(TypeError) as caught:
        CloudFrontSigner("d", "K", key).window(SIGNED_AT, 3600)
    assert "PRIVATE" not in str(caught.value)
    assert "PRIVATE" not in repr(SIGNER)


@pytest.fixture
def on_aws(signer_ready: None, environment: pytest.MonkeyPatch):
    """A stage that serves media by CloudFront."""
    environment.setenv("MEDIA_SIGNING", "cloudfront")
    settings.current.cache_clear()
    secret = {
        "access_key_id": "AKIAUNIT",
        "secret_access_key": "unit-test",
        "cloudfront": {"domain": SIGNER.domain, "key_pair_id": SIGNER.key_pair_id, "private_key": SIGNER.private_key},
    }
    clients.client("secretsmanager").put_secret_value(
        SecretId=settings.current().media_signer_secret, SecretString=json.dumps(secret)
    )


@pytest.mark.usefixtures("on_aws")
@pytest.mark.parametrize("second", [0, 1, signing.WINDOW - 1])
@pytest.mark.parametrize("length", [0, 0.4, 7197.24, 6 * 3600])
def test_a_url_outlives_the_film_and_dies_within_its_length_and_an_hour(
    second: int, length: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Playback would stop before the end, or an unpublished film would stay open too long."""
    monkeypatch.setattr("functions.delivery.signing.time.time", lambda: SIGNED_AT + second)
    url = signing.media_url("7/v/480p/000.ts", lasts=length)
    assert url.startswith("https://d111111abcdef8.cloudfront.net/7/v/480p/000.ts?Policy=")
    dies_at = parts(url)[0]["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"]
    assert length + 30 * 60 <= dies_at - SIGNED_AT - second <= length + 3600 + 1
