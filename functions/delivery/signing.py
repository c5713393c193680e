"""Signed URLs of media: what lets a viewer fetch bytes straight from storage, for a while.

How long (contract, section 4): a URL outlives the film it was signed for, and one signed before a film was
unpublished dies within the film's length plus one hour. Both hold with `lasts` = the film's length, because the
clock is floored to a window: a URL lives at most `lasts` + `GRACE`, and at least `lasts` + `GRACE` - `WINDOW`.
Within a window the same key gives the same URL, so that browsers cache what it names.

Who signs is a setting (`MEDIA_SIGNING`): S3 here, CloudFront in `cloudfront.py`; one secret holds the keys of both.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from functions import aws, log
from functions.settings import current

WINDOW = 30 * 60  # seconds
GRACE = 60 * 60  # seconds
_LONGEST = 7 * 24 * 3600  # seconds; S3 refuses more (SigV4 query parameters, X-Amz-Expires)
_ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "/~"  # besides letters, digits and "-._": what S3's canonical path leaves as it is
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*", re.ASCII)  # a key of nothing else: ours, and asking is faster than quoting

Sign = Callable[[str], str]

_keys: dict[str, str] = {}  # by the secret's name


class Signer(Protocol):
    """Makes signed URLs of keys in the media bucket."""

    def window(self, signed_at: int, lasts: int) -> Sign:
        """Return what signs keys from `signed_at` (epoch seconds) for `lasts` seconds."""


@dataclass(frozen=True)
class S3Signer:
    """Signs GET requests on one bucket: AWS Signature Version 4 in the query, path-style addresses.

    botocore's presigner does the same in 0.4 ms a URL; a playlist has a thousand. Here everything that does not
    depend on the key is made once a window, which leaves two hashes a URL.

    Attributes:
        base_url: Public address of S3, without a slash at the end.
        bucket: The bucket's name.
        region: The bucket's region.
        access_key_id: Whose permission the URLs carry.
        secret_access_key: The key's secret half.
    """

    base_url: str
    bucket: str
    region: str
    access_key_id: str
    secret_access_key: str

    def window(self, signed_at: int, lasts: int) -> Sign:
        """Return what signs keys from `signed_at` (epoch seconds) for `lasts` seconds."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(signed_at))
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        credential = quote(f"{self.access_key_id}/{scope}", safe="~")
        query = (
            f"X-Amz-Algorithm={_ALGORITHM}&X-Amz-Credential={credential}&X-Amz-Date={stamp}"
            f"&X-Amz-Expires={lasts}&X-Amz-SignedHeaders=host"
        )
        path = f"/{self.bucket}/"
        canonical_head = f"GET\n{path}"
        canonical_tail = f"\n{query}\nhost:{urlsplit(self.base_url).netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        url_head, url_tail = f"{self.base_url}{path}", f"?{query}&X-Amz-Signature="
        inner, outer = _keyed(self._signing_key(stamp[:8]))
        inner.update(f"{_ALGORITHM}\n{stamp}\n{scope}\n".encode())
        plain, sha256 = _PLAIN.fullmatch, hashlib.sha256

        def sign(key: str) -> str:
            name = key if plain(key) else quote(key, safe=_UNRESERVED)
            hashed = sha256(f"{canonical_head}{name}{canonical_tail}".encode()).hexdigest()
            message, signature = inner.copy(), outer.copy()
            message.update(hashed.encode())
            signature.update(message.digest())
            return f"{url_head}{name}{url_tail}{signature.hexdigest()}"

        return sign

    def _signing_key(self, day: str) -> bytes:
        # AWS, "Create a signed AWS API request": the secret, day, region and service, one HMAC in the other
        key = b"AWS4" + self.secret_access_key.encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _keyed(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Return the two hashes of an HMAC of SHA-256 that has read its key of 32 bytes, to be copied for each message.

    That is HMAC as RFC 2104, section 4 advises to implement it. Copies of Python's own would do, but take nearly twice
    as long: a tenth of a playlist of 1,200 segments (`python -m bench.signing`).
    """
    block = key.ljust(hashlib.sha256().block_size, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    return inner, outer


def window_start(now: float | None = None) -> int:
    """Return when the current window began (epoch seconds): what answers that hold signed URLs change with."""
    return int((time.time() if now is None else now) // WINDOW) * WINDOW


def signer(*, lasts: float) -> Sign:
    """Return what signs any number of media keys with URLs that live at least `lasts` seconds.

    Raises:
        botocore.exceptions.ClientError: the signing key could not be read, or was taken away.
    """
    return _sign(window_start(), min(math.ceil(lasts) + GRACE, _LONGEST))


def media_url(key: str, *, lasts: float) -> str:
    """Return the URL of one object in the media bucket that lives at least `lasts` seconds.

    Raises:
        botocore.exceptions.ClientError: the signing key could not be read.
    """
    return signer(lasts=lasts)(key)


@functools.lru_cache(maxsize=64)
def _sign(signed_at: int, lasts: int) -> Sign:
    return _signer(signed_at).window(signed_at, lasts)


@functools.lru_cache(maxsize=1)
def _signer(_signed_at: int) -> Signer:
    """Return the signer of one window: a key that was rotated is found within `WINDOW` by every warm worker."""
    key = json.loads(_key())
    return _cloudfront_signer(key) if current().media_signing == "cloudfront" else _s3_signer(key)


def _key() -> str:
    """Return the key, or where nobody answers the one read last: AWS refuses what one that is gone has signed."""
    name = current().media_signer_secret
    try:
        _keys[name] = aws.secrets().get_secret_value(SecretId=name)["SecretString"]
    except (BotoCoreError, ClientError) as error:
        if name not in _keys or not aws.is_outage(error):
            raise
        log.warning("media_signer_not_read", reason=type(error).__name__)
    return _keys[name]


def _cloudfront_signer(key: Mapping[str, Any]) -> Signer:
    from functions.delivery.cloudfront import CloudFrontSigner  # noqa: PLC0415 - its library is for those who need it

    return CloudFrontSigner(**key["cloudfront"])


def _s3_signer(key: Mapping[str, str]) -> Signer:
    settings, region = current(), aws.secrets().meta.region_name
    return S3Signer(
        base_url=settings.media_base_url or f"https://s3.{region}.amazonaws.com",
        bucket=settings.media_bucket,
        region=region,
        access_key_id=key["access_key_id"],
        secret_access_key=key["secret_access_key"],
    )
