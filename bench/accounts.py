"""What the account calls cost in CPU, against what they cannot do without: `.venv/bin/python -m bench.accounts`.

How it is measured stands in `bench/taped.py`. The floors:

- for a login: one check of a bcrypt hash at the same cost (target: at most 1.1 times as much);
- for refresh, logout and an authenticated call that does nothing else: the same raw AWS calls, made with botocore
  alone (target: at most 3 ms more).
"""

from __future__ import annotations

import sys

from bench import figures, taped

MOST_TIMES_BCRYPT, MOST_MS_ABOVE = 1.1, 3.0


def main() -> int:
    """Measure, print, and return 1 if a target is missed."""
    with taped.aws() as recorder:
        from functions.accounts import passwords  # noqa: PLC0415 - after the environment is set

        person_hash = passwords.make(taped.PASSWORD)
        door = taped.Door()
        door.log_in()
        results = []

        login = recorder.tape(door.call("POST", "/api/login", {"email": taped.EMAIL, "password": taped.PASSWORD}))
        took, floor = taped.fastest(15, login, lambda: passwords.verify(taped.PASSWORD, person_hash))
        times = took / floor
        results.append(("login", len(login.calls), took, floor, f"{times:.3f} x", times <= MOST_TIMES_BCRYPT))
        figures.keep("login / one bcrypt check", times, most=MOST_TIMES_BCRYPT)

        for name, method, path in (
            ("account (no-op)", "GET", "/api/account"),
            ("refresh", "POST", "/api/token/refresh"),
            ("logout", "POST", "/api/logout"),
        ):
            call = recorder.tape(door.call(method, path))
            took, floor = taped.fastest(200, call, call.floor)
            above = took - floor
            figures.keep(f"{name} above its AWS calls", above, "ms", MOST_MS_ABOVE)
            results.append((name, len(call.calls), took, floor, f"+{above:.2f} ms", above <= MOST_MS_ABOVE))

    print(f"{'call':<18}{'AWS calls':>10}{'CPU ms':>10}{'floor ms':>10}{'':>12}")
    for name, calls, took, floor, ratio, good in results:
        print(f"{name:<18}{calls:>10}{took:>10.2f}{floor:>10.2f}{ratio:>12}  {'ok' if good else 'MISSED'}")
    print(
        f"targets: login at most {MOST_TIMES_BCRYPT} x one bcrypt check; the others at most {MOST_MS_ABOVE:g} ms above"
    )
    return 0 if all(result[-1] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
