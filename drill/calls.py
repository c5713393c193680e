"""Which calls of AWS each function makes on a journey: watched through the proxy, not listed by hand."""

from __future__ import annotations

from drill.faults import Call, made_by
from drill.journeys import Journey
from drill.site import FUNCTIONS, Site

_WATCHED = ("api", "ingest", "transcode", "send_mail")  # the watchdog comes by the clock: no journey sets it off


def of_journey(site: Site, journey: Journey, mark: str) -> list[Call]:
    """Run a journey without faults, all functions cold; return its calls in the order of their first time."""
    for function in _WATCHED:
        site.cool_down(function)
    site.proxy.clear()
    watching = [{"service": "*", **made_by(FUNCTIONS[function]), "latency": 0} for function in _WATCHED]
    ids = dict(zip(site.proxy.set_rules(watching), _WATCHED, strict=True))
    journey.run(site, mark)
    seen = [Call(ids[each["rule_id"]], each["service"], each["operation"]) for each in site.proxy.fired()]
    site.proxy.clear()
    return list(dict.fromkeys(seen))


def of_watchdog(site: Site) -> list[Call]:
    """Let the watchdog look around once; return its calls."""
    site.cool_down("watchdog")
    site.proxy.clear()
    site.proxy.set_rules([{"service": "*", **made_by(FUNCTIONS["watchdog"]), "latency": 0}])
    site.look_around()
    seen = [Call("watchdog", each["service"], each["operation"]) for each in site.proxy.fired()]
    site.proxy.clear()
    return list(dict.fromkeys(seen))
