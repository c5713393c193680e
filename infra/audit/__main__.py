"""Say which packages have known vulnerabilities: `python -m infra.audit [--advise]`.

Exit code 1 if one has, 2 if nobody could be asked. With `--advise`, as `make test` calls it, what is found is printed
and the exit code is 0: an advisory published tomorrow does not break today's commit.
"""

from __future__ import annotations

import argparse
import sys

from infra.audit import osv, packages


def main() -> int:
    """Ask, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--advise", action="store_true", help="always exit with 0")
    parser.add_argument("--osv", default=osv.URL, metavar="URL", help="another place that answers as OSV does")
    options = parser.parse_args()
    code = _audit(options.osv)
    return 0 if options.advise else code


def _audit(url: str) -> int:
    used = packages.used()
    try:
        found = osv.known(used, url)
    except osv.NoAnswerError as error:
        print(f"No audit of dependencies: {error}", file=sys.stderr)
        return 2
    for package, advisories in found.items():
        print(f"{package}: {', '.join(advisories)}")
    print(f"{len(used)} packages, {len(found)} of them with known vulnerabilities")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
