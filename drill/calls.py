"""Which calls of AWS each function makes on a journey: watched through the proxy, not listed by hand."""

from __future__ import annotations

from collections.abc import Callable

from drill.faults import Call, made_by
from drill.journeys import Journey
from drill.site import FUNCTIONS, Site

_OF_JOURNEYS = ("api", "ingest", "transcode", "send_mail")  # the watchdog comes by the clock: no journey sets it off


def of_journey(site: Site, journey: Journey, mark: str) -> list[Call]:
    """Run a journey without faults; return its calls."""
    return _watched(site, _OF_JOURNEYS, lambda: journey.run(site, mark))


def of_watchdog(site: Site) -> list[Call]:
    """Let the watchdog look around once; return its calls."""
    return _watched(site, ("watchdog",), site.look_around)


def _watched(site: Site, functions: tuple[str, ...], act: Callable[[], object]) -> list[Call]:
    """Act while these functions are cold; return their calls in the order of their first time."""
    for function in functions:
        site.cool_down(function)
    site.proxy.clear()
    watching = [{"service": "*", **made_by(FUNCTIONS[function]), "latency": 0} for function in functions]
    ids = dict(zip(site.proxy.set_rules(watching), functions, strict=True))
    act()
    seen = [Call(ids[each["rule_id"]], each["service"], each["operation"]) for each in site.proxy.fired()]
    site.proxy.clear()
    return list(dict.fromkeys(seen))
