"""How many calls a second the API answers through the emulated API Gateway, and how soon: `python -m bench.gateway`.

On a running stack, with 1 and with 16 clients that ask again as soon as they are answered. The floor of the list of
films is `healthz`, which takes the same way through gateway and function and asks nothing of AWS. The emulator and all
its functions share this machine's processors: on AWS other machines answer, so only ratios travel.
"""

from __future__ import annotations

import sys

from bench import crowd, figures
from localstack.stack import load

_CLIENTS = (1, 16)
_CALLS = 400  # of each, all clients together
_ASKED = {"healthz": "/healthz", "list": "/api/video/?limit=20", "account": "/api/account/"}


def main() -> int:
    """Measure and print; return 1 if any call went wrong."""
    stack, wrong = load(), 0
    print(f"{'call':<10}{'clients':>8}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'p50 / healthz':>16}")
    for clients in _CLIENTS:
        answers = crowd.Answers()
        person, floor = crowd.logged_in(stack, answers, clients), 0.0
        for name, path in _ASKED.items():
            _ask(person, "warm", path, clients, 1)
            each = _ask(person, name, path, clients, _CALLS // clients)
            middle, slow = answers.percentile(name, 50), answers.percentile(name, 99)
            floor = floor or middle
            measured = f"{1000 / each:>10.0f}{middle:>9.1f}{slow:>9.1f}{middle / floor:>16.2f}"
            print(f"{name:<10}{clients:>8}{measured}", flush=True)
            for what, value in (("p50", middle), ("p99", slow), ("a call", each)):
                figures.keep(f"gateway: {name}, {clients} clients, {what}", value, "ms")
        wrong += sum(answers.wrong.values())
        for what, count in answers.wrong.items():
            print(f"{count} x {what}")
    figures.keep("gateway: calls that went wrong", wrong, "", 0)
    return 1 if wrong else 0


def _ask(person: crowd.Person, name: str, path: str, clients: int, times: int) -> float:
    """Let each client ask so many times; return the milliseconds that a call took, all clients together."""

    def ask(_number: int) -> None:
        for _ in range(times):
            person.get(name, path)

    return crowd.together(clients, ask) / (clients * times) * 1000


if __name__ == "__main__":
    sys.exit(main())
