"""Ports for stacks of one's own: tests and benchmarks never meet a stack that somebody is using.

They are of a range of this process' own, below those that systems give to outgoing connections (49152 and up in
RFC 6335, section 6; 32768 and up on Linux): between the look here and a stack's start nobody else takes them.
"""

import itertools
import os
import socket

_FIRST, _LAST, _RANGE = 10_000, 32_000, 400
_ranges = (_LAST - _FIRST) // _RANGE
_offered = itertools.cycle(range(_RANGE))


def free_ports(count: int) -> list[int]:
    """Return `count` ports of the loopback interface that are free, all different, and not those of the last call."""
    first = _FIRST + os.getpid() % _ranges * _RANGE
    free = (first + offset for offset in itertools.islice(_offered, _RANGE) if _is_free(first + offset))
    return list(itertools.islice(free, count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
