"""Signed URLs of CloudFront (its developer guide, "Create a signed URL using a custom policy").

A signature covers a policy and not a URL: one with a wildcard holds for every segment of a version, so that after the
first a URL costs putting two texts together. What lies beside the renditions (poster, captions) has a policy of its
own: whoever is handed a thumbnail's address must not be able to make the film's of it.

The key is elliptic (P-256, which CloudFront takes since 2025): a list needs a signature for each film, and one by RSA
takes far longer (`bench/signing.py`). The nonce is derived from the text (RFC 6979), not drawn: all
workers make the same URL in a window.
"""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

if TYPE_CHECKING:
    from collections.abc import Callable

_UNRESERVED: Final = "/~"
_REMEMBERED: Final = 2_048  # policies of one window; a list has at most 1,000 films
_IN_A_RENDITION: Final = 4  # parts of a segment's key: film, version, rendition, name (catalogue/layout.py)
# The guide's SHA-1; its weakness is finding two texts of one hash, and nobody but us chooses the text.
_ALGORITHM: Final = ec.ECDSA(hashes.SHA1(), deterministic_signing=True)  # noqa: S303
_URL_SAFE: Final = str.maketrans("+=/", "-_~")  # the guide's own alphabet


@dataclass(frozen=True)
class CloudFrontSigner:
    """Signs GET requests on one distribution.

    Attributes:
        domain: The distribution's domain name.
        key_pair_id: CloudFront's name of the public key.
        private_key: The private key, PEM.
    """

    domain: str
    key_pair_id: str
    private_key: str = field(repr=False)

    def window(self, signed_at: int, lasts: int) -> Callable[[str], str]:
        """Return what signs keys from `signed_at` (epoch seconds) for `lasts` seconds."""
        private_key = load_pem_private_key(self.private_key.encode(), password=None)
        if not isinstance(private_key, ec.EllipticCurvePrivateKey):
            raise TypeError("the key that signs media URLs is not an elliptic one")
        expires, base = signed_at + lasts, f"https://{self.domain}/"

        @functools.lru_cache(maxsize=_REMEMBERED)
        def query(resource: str) -> str:
            text = policy(f"{base}{resource}", expires)
            signature = private_key.sign(text, _ALGORITHM)
            return f"Policy={_encoded(text)}&Signature={_encoded(signature)}&Key-Pair-Id={self.key_pair_id}"

        def sign(key: str) -> str:
            path = quote(key, safe=_UNRESERVED)
            return f"{base}{path}?{query(_resource(path))}"

        return sign


def policy(resource: str, expires: int) -> bytes:
    """Return the policy that allows `resource` until `expires` (epoch seconds), without white space."""
    statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": expires}}}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()


def _resource(path: str) -> str:
    """Return what one policy covers: all renditions of a film's version together, other objects each by itself."""
    parts = path.split("/")
    return f"{parts[0]}/{parts[1]}/*" if len(parts) == _IN_A_RENDITION else path


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode().translate(_URL_SAFE)
