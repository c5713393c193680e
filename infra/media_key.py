"""The keys by which CloudFront knows our media URLs: made here, kept in the signer's secret, never on this machine.

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

_KEYS = "cloudfront_keys"  # private halves by slot; the functions read `cloudfront` alone

SLOTS = ("A", "B")  # of the distribution's keys: one signs, the other is the former one, whose URLs still live


def make(target: Target, secret: str) -> list[str]:
    """See to it that the secret holds a private key; return a line if one was made."""
    kept = _read(target, secret)
    if kept.get(_KEYS):
        return []
    private = _new_key()
    _write(target, secret, kept | {_KEYS: {SLOTS[0]: private}, "cloudfront": {"private_key": private}})
    return ["key that signs media URLs for CloudFront"]


def drop_former(target: Target, secret: str) -> None:
    """Forget the key that signs no more: CloudFront cannot change a key, only lose it and take another."""
    kept = _read(target, secret)
    signing = _signing_slot(kept)
    _write(target, secret, kept | {_KEYS: {signing: kept[_KEYS][signing]}})


def add_next(target: Target, secret: str) -> None:
    """Make the key that shall sign next, beside the one that signs."""
    kept = _read(target, secret)
    _write(target, secret, kept | {_KEYS: kept[_KEYS] | {_other(_signing_slot(kept)): _new_key()}})


def public_halves(target: Target, secret: str | None) -> dict[str, str]:
    """Return the public key of each slot, PEM; empty where there is none."""
    keys = _read(target, secret).get(_KEYS, {}) if secret else {}
    return {slot: _public_half(keys[slot]) if slot in keys else "" for slot in SLOTS}


def complete(target: Target, secret: str, outputs: Mapping[str, str], *, rotate: bool = False) -> list[str]:
    """Write what was made of the key into the secret; return a line if something had to be written.

    Args:
        target: The stage.
        secret: The secret's name.
        outputs: Of the stack `cdn`.
        rotate: Let the other key sign from now on.
    """
    kept = _read(target, secret)
    slot = _other(_signing_slot(kept)) if rotate else _signing_slot(kept)
    made = {
        "private_key": kept[_KEYS][slot],
        "domain": outputs["CloudFrontDomain"],
        "key_pair_id": outputs[f"CloudFrontKeyPairId{slot}"],
    }
    if made == kept["cloudfront"]:
        return []
    _write(target, secret, kept | {"cloudfront": made})
    return [f"signer of media URLs for {outputs['CloudFrontDomain']}"]


def _new_key() -> str:
    private = ec.generate_private_key(ec.SECP256R1())  # the one curve that CloudFront takes
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _public_half(private: str) -> str:
    public = load_pem_private_key(private.encode(), password=None).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _signing_slot(kept: Mapping[str, Any]) -> str:
    return next(slot for slot in SLOTS if kept[_KEYS].get(slot) == kept["cloudfront"]["private_key"])


def _other(slot: str) -> str:
    return SLOTS[1 - SLOTS.index(slot)]


def _read(target: Target, secret: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(
        target.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    )
    return value


def _write(target: Target, secret: str, value: Mapping[str, Any]) -> None:
    target.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(value))
