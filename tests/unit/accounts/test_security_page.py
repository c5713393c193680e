"""docs/security.md promises tests; they have to be there."""

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "security.md"


def test_every_test_that_the_page_names_exists():
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 60
    missing = [
        f"{file}::{test}" for file, test in named if f"def {test}(" not in (HERE / file).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_every_test_named_after_a_requirement_stands_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    tests = [
        test
        for file in HERE.glob("test_*.py")
        for test in re.findall(r"def (test_(?:asvs|rfc)_\w+)\(", file.read_text(encoding="utf-8"))
    ]
    assert [test for test in tests if f"{test}`" not in page] == []
