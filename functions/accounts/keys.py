"""The keys that sign tokens: kept in Secrets Manager, named by `kid`, rotated without logging anybody out.

The secret is JSON: `{"kid": "...", "secret": "...", "previous": [{"kid": "...", "secret": "...", "retired_at": 0}]}`.
The first key signs; all verify. `rotate` makes a new first key; the former ones stay until no token of theirs lives.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions import aws, log, settings

SHORTEST = 32  # bytes: at least the hash's own length (RFC 7518, section 3.2; RFC 8725, section 3.5)
FRESH_FOR = 60  # seconds until a process looks again which key signs
STALE_FOR = 300  # seconds for which the keys it has serve at most while Secrets Manager does not answer
_RELOAD_PAUSE = 5  # seconds between reloads that an unknown kid may cause


@dataclass(frozen=True)
class Key:
    """One signing key."""

    kid: str
    secret: bytes

    def __repr__(self) -> str:
        """Name the key without its secret, for tracebacks."""
        return f"Key({self.kid!r})"


@dataclass(frozen=True)
class _Ring:
    signing: Key
    by_kid: dict[str, Key]
    read_at: float  # of the monotonic clock
    asked_at: float  # the same; later where there was no answer


_rings: dict[str, _Ring] = {}  # by the secret's name
_lock = threading.Lock()


def signing() -> Key:
    """Return the key that signs new tokens."""
    return _ring(FRESH_FOR).signing


def find(kid: str) -> Key | None:
    """Return the key called `kid`; one that is unknown may be newer than what this process has read."""
    found = _ring(FRESH_FOR).by_kid.get(kid)
    return found or _ring(_RELOAD_PAUSE).by_kid.get(kid)


def rotate(*, keep_for: int) -> str:
    """Make a new signing key and return its `kid`.

    Args:
        keep_for: Seconds that a former key still verifies; 0 drops all former keys, which logs everybody out.
    """
    name, now = settings.current().token_keys_secret, int(time.time())
    kept = _kept(json.loads(_read(name)), keep_for, now)
    kid = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + "-" + secrets.token_hex(4)
    ring = {"kid": kid, "secret": secrets.token_urlsafe(48), "previous": kept}
    aws.secrets().put_secret_value(SecretId=name, SecretString=json.dumps(ring))
    with _lock:
        _rings.pop(name, None)
    return kid


def _kept(former: dict[str, Any], keep_for: int, now: int) -> list[dict[str, Any]]:
    retired = [{"kid": former["kid"], "secret": former["secret"], "retired_at": now}]
    retired += [{"retired_at": now, **key} for key in former.get("previous", ())]
    return [key for key in retired if key["retired_at"] + keep_for > now]


def _ring(fresh_for: float) -> _Ring:
    name = settings.current().token_keys_secret
    ring = _rings.get(name)
    if ring is None or time.monotonic() - ring.asked_at >= fresh_for:
        with _lock:
            ring = _rings[name] = _reloaded(name, ring)
    return ring


def _reloaded(name: str, former: _Ring | None) -> _Ring:
    try:
        return _parse(_read(name))
    except (BotoCoreError, ClientError) as error:
        now = time.monotonic()
        if former is None or now + FRESH_FOR - former.read_at > STALE_FOR or not aws.is_outage(error):
            raise
        log.warning("token_keys_not_read", reason=type(error).__name__)
        return replace(former, asked_at=now)


def _read(name: str) -> str:
    return aws.secrets().get_secret_value(SecretId=name)["SecretString"]


def _parse(text: str) -> _Ring:
    value = json.loads(text)
    keys = [Key(key["kid"], key["secret"].encode()) for key in (value, *value.get("previous", ()))]
    if any(len(key.secret) < SHORTEST for key in keys):
        raise ValueError(f"A token key is shorter than {SHORTEST} bytes.")
    now = time.monotonic()
    return _Ring(keys[0], {key.kid: key for key in keys}, read_at=now, asked_at=now)
