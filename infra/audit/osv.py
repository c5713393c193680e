"""Ask OSV, the database that gathers the advisories of PyPI, npm and GitHub (https://google.github.io/osv.dev/api)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from infra.audit.packages import Package

URL = "https://api.osv.dev"
_SECONDS = 20  # for one question; its answer takes one or two
_AT_ONCE = 500  # packages in one question; OSV takes 1,000


class NoAnswerError(Exception):
    """OSV was not reached, or did not say what its API promises."""


def known(packages: Sequence[Package], url: str = URL) -> dict[Package, list[str]]:
    """Return the advisories of those packages that have any.

    Args:
        packages: What to ask for.
        url: Where OSV's API is.

    Returns:
        The advisories' names (`GHSA-…`, `PYSEC-…`), sorted, by package.

    Raises:
        NoAnswerError: There is no whole answer.
    """
    found: dict[Package, list[str]] = {}
    for first in range(0, len(packages), _AT_ONCE):
        asked = packages[first : first + _AT_ONCE]
        for package, result in zip(asked, _ask(asked, url), strict=True):
            if advisories := sorted(each["id"] for each in result.get("vulns", ())):
                found[package] = advisories
    return found


def _ask(packages: Sequence[Package], url: str) -> list[dict[str, Any]]:
    queries = [
        {"package": {"name": each.name, "ecosystem": each.ecosystem}, "version": each.version} for each in packages
    ]
    request = urllib.request.Request(  # noqa: S310 - the address is ours or of whoever runs the command
        f"{url}/v1/querybatch", json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            results: list[dict[str, Any]] = json.load(answer)["results"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoAnswerError(f"OSV at {url} did not answer: {error}") from error
    if len(results) != len(packages):
        raise NoAnswerError(f"OSV at {url} answered {len(results)} of {len(packages)} questions.")
    return results
