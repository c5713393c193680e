"""PyJWT without public-key algorithms: `jwt`, as functions.accounts.tokens uses it.

PyJWT loads all of `cryptography` where that is installed, a tenth of a cold start (bench.cold_start). It is installed
for signing for CloudFront; our tokens are HS256 alone, for which PyJWT needs the standard library. An algorithm that is
not there cannot be chosen by a forged header either (RFC 8725, section 3.1).
"""

from __future__ import annotations

import sys
from typing import Any, cast

_HIDDEN = "cryptography"

if _HIDDEN in sys.modules:  # its price is paid
    import jwt
else:
    # None means that a module is not to be found (Python's reference, 5.3.1); PyJWT then does without
    modules = cast("dict[str, Any]", sys.modules)
    modules[_HIDDEN] = None
    try:
        import jwt
    finally:
        del modules[_HIDDEN]

__all__ = ["jwt"]
