"""Ports for stacks of one's own: tests and benchmarks never meet a stack that somebody is using."""

import socket


def free_ports(count: int) -> list[int]:
    """Return `count` ports of the loopback interface that were free a moment ago, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
