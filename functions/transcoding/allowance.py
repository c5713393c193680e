"""How many minutes of film of one owner are encoded in a day: a bound on what somebody, or a script, can make us spend.

They count whichever way a file came, and when its length is known: before anything is encoded. A film whose plan is
kept was counted by an earlier attempt. A worker that is lost between counting and keeping the plan leaves its film
counted twice, which errs on the side of spending less.
"""

from __future__ import annotations

import math

from functions.accounts.limits import DAY, MINUTE, Counter
from functions.errors import ThrottledError
from functions.settings import current
from functions.transcoding.troubles import RefusedError


def count(owner_id: int, seconds: float, step: str) -> None:
    """Count the encoding of a film of `seconds`.

    Raises:
        RefusedError: its owner's films were encoded for as long as a day allows; then it was not counted.
    """
    limit = current().encode_minutes_per_day * MINUTE
    # a film that is longer than all that a day allows takes a whole day's
    weight = min(math.ceil(seconds), limit)
    try:
        Counter("encode-seconds", str(owner_id), limit, DAY).hit(weight)
    except ThrottledError:
        raise RefusedError("allowance_used", step) from None
