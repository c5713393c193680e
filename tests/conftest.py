"""A whole embedded stack of the tests' own: other ports, another folder, never the one that somebody is using."""

from collections.abc import Iterator

import hypothesis
import pytest

from tests.stack import Stack, running

# no timed tests: a busy machine is no bug
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all tests that leave it usable for the others."""
    with running(tmp_path_factory.mktemp("stack")) as started:
        yield started
