"""What `make up` prints when it is done."""

import re

import pytest

from infra.targets import ROOT
from localstack import addresses, stack


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch):
    """Read a stack's settings as on a machine where nobody wrote any."""
    monkeypatch.setattr(stack, "read_env_file", lambda _path: {})
    return stack.load


def test_every_address_of_the_readme_is_printed(read):
    """Nobody was told of the studio and the mailbox."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| .* \| (http://\S+)", readme, re.MULTILINE)
    assert len(shown) == 5
    printed = addresses.table(read({}), "manage.py", "make logs").split()
    assert [address for address in shown if address not in printed] == []


def test_a_page_that_is_off_has_no_addresses(read):
    printed = addresses.table(read({"VIDEOFLIX_WEB_PORT": "off"}), "manage.py", "make logs")
    assert "5500" not in printed
    assert "/studio/" not in printed
