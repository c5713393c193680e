"""Password hashes: made, verified, and known to be out of date.

A hash is bcrypt over base64(SHA-256(password)), so that neither length (bcrypt reads 72 bytes) nor NUL bytes
matter (OWASP password storage cheat sheet, "pre-hashing passwords with bcrypt"; base64 because a raw digest may hold
a NUL). It is stored with its scheme in front: `bcrypt_sha256$$2b$12$...`.

The password is hashed exactly as it was received (OWASP ASVS 5.0, 6.2.8): no trimming, no case folding, no Unicode
normalisation. NIST SP 800-63B would allow NFKC; the hashes taken over from Django were made without.
"""

import base64
import hashlib
import hmac

import bcrypt

from functions import settings

_BCRYPT, _PBKDF2 = "bcrypt_sha256", "pbkdf2_sha256"


def make(password: str) -> str:
    """Return the hash of `password` at the configured cost."""
    salt = bcrypt.gensalt(settings.current().bcrypt_rounds)
    return f"{_BCRYPT}${bcrypt.hashpw(_digest(password), salt).decode()}"


def verify(password: str, stored: str) -> bool:
    """Say whether `password` is the one of `stored`; a hash of no known scheme fits nothing.

    To refuse a hash of bcrypt takes as long as at today's cost, also where the hash was made at a lower one.
    """
    scheme, _, rest = stored.partition("$")
    try:
        if scheme == _BCRYPT:
            return _fits_bcrypt(password, rest)
        if scheme == _PBKDF2:
            return _fits_pbkdf2(password, rest)
    except ValueError:  # the stored hash is malformed
        return False
    return False


def is_outdated(stored: str) -> bool:
    """Say whether a hash is of another scheme or cost than those made today."""
    return not stored.startswith(f"{_BCRYPT}$$2b${settings.current().bcrypt_rounds:02}$")


def dummy() -> str:
    """Return a hash that nobody has, of today's cost: verified where there is no account, it takes as long.

    It is written down rather than computed (22 characters of salt, 31 of digest), so that the first time is no longer.
    """
    return f"{_BCRYPT}${_nobodys(settings.current().bcrypt_rounds)}"


def _nobodys(rounds: int) -> str:
    return f"$2b${rounds:02}${'.' * 53}"


def _bytes(password: str) -> bytes:
    # JSON can carry lone surrogates, which UTF-8 has no bytes for; any characters are allowed
    return password.encode("utf-8", "surrogatepass")


def _digest(password: str) -> bytes:
    return base64.b64encode(hashlib.sha256(_bytes(password)).digest())


def _fits_bcrypt(password: str, rest: str) -> bool:
    digest = _digest(password)
    if bcrypt.checkpw(digest, rest.encode()):
        return True
    # An account that nobody has logged in to since the cost was raised would be refused sooner than none. Each round
    # doubles the work, so one hash of each cost between makes up for the rest: 2^10 + (2^10 + 2^11) = 2^12.
    made_at = int(rest.split("$")[2])
    for rounds in range(made_at, settings.current().bcrypt_rounds):
        bcrypt.checkpw(digest, _nobodys(rounds).encode())
    return False


def _fits_pbkdf2(password: str, rest: str) -> bool:
    """Verify a hash of the original: `iterations$salt$base64(PBKDF2-HMAC-SHA256)` (Django's PBKDF2PasswordHasher)."""
    iterations, salt, wanted = rest.split("$")
    made = hashlib.pbkdf2_hmac("sha256", _bytes(password), salt.encode(), int(iterations))
    return hmac.compare_digest(base64.b64encode(made).decode(), wanted)
