"""A whole embedded stack of the tests' own: other ports, another folder, never the one that somebody is using."""

import contextlib
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.processes import told_of
from tests.sharing import SITES, STACK, shared_by
from tests.stack import QUICK_LOGINS, Stack, eventually, running

# no timed tests: a busy machine is no bug
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")


class _Together(LoadScopeScheduling):
    """Gives a worker the tests that share something, or else a file. In any other way each would start a stack."""

    def _split_scope(self, nodeid: str) -> str:
        return shared_by(nodeid)


@pytest.hookimpl(optionalhook=True)  # of a plugin that may be turned off
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return _Together(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes minutes come first: else one worker ends with it, and the other has nothing left to do."""
    long = {shared_by(item.nodeid) for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: _rank(shared_by(item.nodeid), long))


def _rank(group: str, long: set[str]) -> tuple[bool, bool, bool, str]:
    # sites after what takes as long: one deployment builds the packages, and the next ones find them
    return group != STACK, group not in long, group in SITES, group


@pytest.fixture(scope="session", autouse=True)
def _no_process_stays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Everything that the tests start ends with them: first to be set up, this looks when all else is taken down."""
    yield
    folder = tmp_path_factory.getbasetemp()
    with contextlib.suppress(AssertionError):  # some are just ending
        eventually(lambda: told_of(folder) == [] or None, 10)
    assert told_of(folder) == []


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all tests that leave it usable for the others."""
    with running(tmp_path_factory.mktemp("stack"), **QUICK_LOGINS) as started:
        yield started
