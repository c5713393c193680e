"""How fast the machine is at the moment: what a fixed piece of work takes.

A machine that has other guests changes its speed by half within an hour. Beside this figure, milliseconds of two runs
can be compared all the same.
"""

from __future__ import annotations

import hashlib
import json
import random
import time

_TRIES = 9


def milliseconds() -> float:
    """Return the milliseconds of CPU that the work takes, its fastest try."""
    return min(_tried() for _ in range(_TRIES)) * 1000


def _tried() -> float:
    began = time.process_time()
    _work()
    return time.process_time() - began


def _work() -> None:
    """Do a little of what calls and benchmarks are made of: objects, text, sorting, hashes."""
    die = random.Random(1)  # the same numbers each time
    items = [{"id": number, "title": f"film {die.random()}", "tags": [str(number)] * 5} for number in range(3000)]
    items.sort(key=lambda item: str(item["title"]))
    text = json.dumps(items)
    json.loads(text)
    for _ in range(20):
        hashlib.sha256(text.encode()).hexdigest()
