"""A new account may run ten functions at once: better said before the deployment than by films that fail."""

import pytest

from infra import environment, quotas, targets
from infra.targets import DeployError, Target
from tests.unit.infra.conftest import OPERATOR


class Lambda:
    def __init__(self, allowed):
        self.allowed = allowed

    def get_account_settings(self):
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.allowed}}


def check(monkeypatch, target, allowed):
    monkeypatch.setattr(Target, "client", lambda _self, _service: Lambda(allowed))
    quotas.check(target, environment.of(target))


def test_an_account_that_is_too_narrow_is_told_what_to_do(monkeypatch, prod):
    with pytest.raises(DeployError, match=r"FILMS_AT_ONCE \(5\) times CHUNKS_AT_ONCE \(150\).*\(10\)\. Ask AWS"):
        check(monkeypatch, prod, 10)


def test_what_fits_passes(monkeypatch, prod, tmp_path):
    check(monkeypatch, prod, 1000)
    narrow = targets.load("prod", tmp_path, {**OPERATOR, "FILMS_AT_ONCE": "1", "CHUNKS_AT_ONCE": "8"})
    check(monkeypatch, narrow, 58)


def test_emulators_count_nothing(monkeypatch, local):
    check(monkeypatch, local, 1)
