"""How much of functions/ the tests run, and that it is enough: `pytest -p tests.covered` (`make units`).

slipcover's probes are in functions/ alone, and each is taken out soon after it was hit. Tracing, which is what coverage
measures by before Python 3.12, is told of each call of moto and botocore, too: that took a quarter of the tests' time.
"""

import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
import slipcover
from slipcover.importer import SlipcoverMetaPathFinder

PACKAGE = "functions"
LEAST = 90  # percent of lines and branches
_WIDTH = 60  # columns for the numbers of lines


class _Finder(SlipcoverMetaPathFinder):
    """Puts probes into the package; slipcover's own finder asks for all modules, and upsets pytest's imports."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        return super().find_spec(fullname, path, target) if fullname.partition(".")[0] == PACKAGE else None


_probes = slipcover.Slipcover(source=[PACKAGE], branch=True)
sys.meta_path.insert(0, _Finder(_probes, slipcover.FileMatcher(sources=[Path(PACKAGE)])))
_found: list[dict[str, Any]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker ran to the process that it works for, and there say whether it is enough."""
    worker = getattr(session.config, "workeroutput", None)
    if worker is not None:
        worker["covered"] = json.dumps(_probes.get_coverage())
        return
    _found.append(_probes.get_coverage())
    while len(_found) > 1:
        slipcover.merge_coverage(_found[0], _found.pop())
    if _found[0]["summary"]["percent_covered"] < LEAST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)  # of a plugin that may be turned off
def pytest_testnodedown(node: Any) -> None:
    covered = getattr(node, "workeroutput", {}).get("covered")
    if covered:  # else the worker died, and the run has failed
        _found.append(json.loads(covered))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what no test runs."""
    terminalreporter.section(f"what no test runs of {PACKAGE}/")
    slipcover.print_coverage(_found[0], outfile=terminalreporter, skip_covered=True, missing_width=_WIDTH)
    percent = _found[0]["summary"]["percent_covered"]
    terminalreporter.line(f"{percent:.1f} % of lines and branches are run, {LEAST} % must be", red=percent < LEAST)
