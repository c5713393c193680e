"""How often somebody may do something, counted in DynamoDB and so by all workers together.

Fixed windows, each opened by its first hit: one row and one conditional write a hit whatever the limit, and
`Retry-After` is exact, since nothing but the window's end frees a place. (A sliding window would keep every hit's time
for no more safety against guessing: at worst twice the limit passes around a window's end, once.) Because the first hit
opens the window, rather than the clock's minute, no burst is cut in two by chance.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from typing import TYPE_CHECKING, NamedTuple

from functions.accounts.rows import LimitRow, Row, read, update_if
from functions.errors import ThrottledError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pynamodb.expressions.update import Action

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600  # seconds


class Counter(NamedTuple):
    """What is counted: at most `limit` hits of `key` in `window` seconds. `key` is kept only as its hash.

    A hit may weigh more than one (bytes): then the sum is what is limited.
    """

    name: str
    key: str
    limit: int
    window: int

    @property
    def row_key(self) -> tuple[str, str]:
        """The key of its row."""
        digest = hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()
        return f"limit#{self.name}#{digest}", "limit"

    def hit(self, weight: int = 1) -> None:
        """Count one hit.

        Raises:
            ThrottledError: the window has no room for so much; then this hit was not counted.
        """
        if weight > self.limit:
            raise ThrottledError(self.window)  # and it never will have
        while True:
            now = int(time.time())
            if self._add(now, weight) or self._open(now, weight):
                return
            row = read(self.row_key).get(self.row_key)  # full, unless it has ended or been emptied this moment
            if isinstance(row, LimitRow) and row.hits + weight > self.limit:
                raise ThrottledError(int(row.expires_at) - now)

    def room(self) -> int:
        """Return how much may still be counted in this window."""
        row = read(self.row_key).get(self.row_key)
        return max(0, self.limit - int(row.hits)) if isinstance(row, LimitRow) else self.limit

    def has_room(self) -> bool:
        """Count one and return True, or return False when the window is full."""
        try:
            self.hit()
        except ThrottledError:
            return False
        return True

    def _add(self, now: int, weight: int) -> bool:
        fits = (Row.expires_at > now) & (LimitRow.hits <= self.limit - weight)
        return update_if(LimitRow(*self.row_key), [LimitRow.hits.add(weight)], fits)

    def _open(self, now: int, weight: int) -> bool:
        actions: list[Action] = [
            LimitRow.kind.set(LimitRow),
            LimitRow.hits.set(weight),
            Row.expires_at.set(now + self.window),
        ]
        return update_if(LimitRow(*self.row_key), actions, Row.pk.does_not_exist() | (Row.expires_at <= now))


def hit(name: str, key: str, limit: int, window: int = MINUTE) -> None:
    """Count one hit of `key` under `name`, of at most `limit` in `window` seconds.

    Raises:
        ThrottledError: there were as many already; then this one was not counted.
    """
    Counter(name, key, limit, window).hit()


def refuse_if_full(counters: Iterable[Counter], rows: Mapping[tuple[str, str], Row] | None = None) -> None:
    """Refuse when any of `counters` is full, counting nothing. `rows` are those read already, if they were.

    Raises:
        ThrottledError: with the time after which none of them is full.
    """
    counters = list(counters)
    if rows is None:
        rows = read(*(counter.row_key for counter in counters))
    now, waits = int(time.time()), []
    for counter in counters:
        row = rows.get(counter.row_key)
        if isinstance(row, LimitRow) and row.hits >= counter.limit:
            waits.append(int(row.expires_at) - now)
    if waits:
        raise ThrottledError(max(waits))


def network(client_ip: str) -> str:
    """Return whom a client address stands for: itself, or for IPv6 its /64, of which a household has a whole one."""
    try:
        address = ipaddress.ip_address(client_ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
