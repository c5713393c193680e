"""Which calls of AWS each function makes on a journey: watched through the proxy, not listed by hand."""

from __future__ import annotations

from drill.faults import Call, made_by
from drill.journeys import Journey
from drill.site import FUNCTIONS, Site


def of_journey(site: Site, journey: Journey, mark: str) -> list[Call]:
    """Run a journey without faults and with cold functions; return its calls in the order of their first time."""
    journey.prepare(site, mark)
    for function in journey.functions:
        site.cool_down(function)
    site.proxy.clear()
    watching = [{"service": "*", **made_by(FUNCTIONS[function]), "latency": 0} for function in journey.functions]
    ids = dict(zip(site.proxy.set_rules(watching), journey.functions, strict=True))
    journey.run(site, mark)
    seen = [Call(ids[each["rule_id"]], each["service"], each["operation"]) for each in site.proxy.fired()]
    site.proxy.clear()
    return list(dict.fromkeys(seen))
