"""What the tests of delivery share."""

from collections.abc import Iterator

import pytest

from functions.delivery import signing


@pytest.fixture
def signer_ready(tables: None) -> Iterator[None]:
    """Make sure that no signing key of another test is remembered."""
    signing._keys.clear()
    signing._sign.cache_clear()
    signing._signer.cache_clear()
    yield
    signing._sign.cache_clear()
    signing._signer.cache_clear()
