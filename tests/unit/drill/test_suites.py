"""When a file of tests proves what the drill's page says of it."""

import pytest

from drill import suites
from localstack.stack import ROOT


@pytest.mark.parametrize("said", ["3 passed in 2.1s", "...\n3 passed, 1 warning in 62.1s (0:01:02)\n"])
def test_a_file_of_tests_that_all_passed_is_in_order(said: str) -> None:
    assert suites.trouble(0, said) == ""


@pytest.mark.parametrize("said", ["3 skipped in 0.1s", "2 passed, 1 skipped in 2.1s", "1 passed, 2 xfailed in 2s", ""])
def test_a_file_of_tests_of_which_some_were_not_run_proves_nothing(said: str) -> None:
    assert suites.trouble(0, said).startswith("not every test was run")


def test_a_file_of_tests_that_failed_is_told_with_its_end() -> None:
    assert suites.trouble(1, "1 failed, 2 passed in 3s") == "exit code 1\n1 failed, 2 passed in 3s"


def test_each_suite_is_a_file_of_tests() -> None:
    assert [path for path in suites.SUITES.values() if not (ROOT / path).is_file()] == []
