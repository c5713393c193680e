"""Which passwords are accepted (OWASP ASVS 5.0, 6.2): their length counts, and that they are not common."""

import functools
import gzip
from pathlib import Path

SHORTEST, LONGEST = 8, 4096  # characters; the upper end only bounds the work (a request may have 10 MB)
_LIST = Path(__file__).parent / "data" / "common-passwords.txt.gz"  # its source stands beside it

TOO_SHORT = f"This password is too short. It must contain at least {SHORTEST} characters."
TOO_LONG = f"This password is too long. It must contain at most {LONGEST} characters."
TOO_COMMON = "This password is too common."


@functools.cache
def _common() -> frozenset[str]:
    return frozenset(gzip.decompress(_LIST.read_bytes()).decode().splitlines())


def broken(password: str) -> list[str]:
    """Return a sentence for each rule that `password` breaks."""
    if len(password) > LONGEST:
        return [TOO_LONG]
    texts = [TOO_SHORT] if len(password) < SHORTEST else []
    if password.lower().strip() in _common():
        texts.append(TOO_COMMON)
    return texts
