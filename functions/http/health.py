"""Whether we live, and whether we can work: for load balancers, deployments and operators."""

from functions import settings, wiring
from functions.http.call import Answer, Call
from functions.http.routing import Routes

routes = Routes()


@routes.on("GET", "/healthz", "/api/healthz")
def healthz(_call: Call) -> Answer:
    """Say that this process answers; asks nobody else."""
    return Answer({"ok": True})


@routes.on("GET", "/readyz", "/api/readyz")
def readyz(_call: Call) -> Answer:
    """Say which dependency answers, and 503 if one does not. Shows names of parts, never of resources or errors."""
    ready = wiring.readiness.check(settings.current())
    down = [name for name, answers in ready.items() if not answers]
    if not down:
        return Answer({"ok": True, "dependencies": ready})
    errors = {"non_field_errors": [f"Not ready: {', '.join(down)}."]}
    return Answer({"ok": False, "dependencies": ready, "errors": errors}, 503)
