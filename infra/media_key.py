"""The key by which CloudFront knows our media URLs: made once, kept in the secret of the signer, never on this machine.

The functions find all that they need to sign under `cloudfront` in that secret, written by one call: key, its name and
the distribution's domain never belong to two deployments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from infra.targets import Target


def make(target: Target, secret: str) -> list[str]:
    """See to it that the secret holds a private key; return a line if one was made."""
    kept = _read(target, secret)
    if "private_key" in kept.get("cloudfront", {}):
        return []
    private = ec.generate_private_key(ec.SECP256R1())  # the one curve that CloudFront takes
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(target, secret, kept | {"cloudfront": {"private_key": pem.decode()}})
    return ["key that signs media URLs for CloudFront"]


def public_half(target: Target, secret: str | None) -> str:
    """Return the public key, PEM; empty while there is none."""
    private = _read(target, secret).get("cloudfront", {}).get("private_key") if secret else None
    if not private:
        return ""
    public = load_pem_private_key(private.encode(), password=None).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def complete(target: Target, secret: str, outputs: Mapping[str, str]) -> list[str]:
    """Write what was made of the key into the secret; return a line if something had to be written.

    Args:
        target: The stage.
        secret: The secret's name.
        outputs: Of the stack `cdn`.
    """
    kept = _read(target, secret)
    known = kept["cloudfront"]
    made = known | {"domain": outputs["CloudFrontDomain"], "key_pair_id": outputs["CloudFrontKeyPairId"]}
    if made == known:
        return []
    _write(target, secret, kept | {"cloudfront": made})
    return [f"signer of media URLs for {outputs['CloudFrontDomain']}"]


def _read(target: Target, secret: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(
        target.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    )
    return value


def _write(target: Target, secret: str, value: Mapping[str, Any]) -> None:
    target.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(value))
