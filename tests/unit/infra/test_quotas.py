"""A new account may run ten functions at once: better said before the deployment than by films that fail."""

import pytest

from infra import chalice_run, deployment, environment, note, quotas, targets
from infra.targets import DeployError, Target
from tests.unit.infra.conftest import OPERATOR


class Lambda:
    """An account that allows so many functions at once, and has some already."""

    def __init__(self, allowed, functions=()):
        self.allowed, self.functions = allowed, functions

    def get_account_settings(self):
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.allowed}}

    def get_paginator(self, _operation):
        return self

    def paginate(self):
        return [{"Functions": [one]} for one in self.functions]


def check(monkeypatch, target, allowed, functions=()):
    monkeypatch.setattr(Target, "client", lambda _self, _service: Lambda(allowed, functions))
    quotas.check(target, environment.of(target))


def encoder(stage, films, chunks):
    values = {"FILMS_AT_ONCE": films, "CHUNKS_AT_ONCE": chunks}
    return {"FunctionName": f"videoflix-{stage}-transcode", "Environment": {"Variables": values}}


def test_an_account_that_is_too_narrow_is_told_what_to_do(monkeypatch, prod):
    with pytest.raises(DeployError, match=r"FILMS_AT_ONCE \(5\) times CHUNKS_AT_ONCE \(150\).*\(10\)\. Ask AWS"):
        check(monkeypatch, prod, 10)


def test_whoever_has_to_ask_for_functions_hears_of_the_memory_too(monkeypatch, prod):
    """A new account is held back in both, and AWS takes a day to answer each time."""
    with pytest.raises(DeployError, match=r"3,538 MB.*3,008"):
        check(monkeypatch, prod, 10)


def test_what_fits_passes(monkeypatch, prod, tmp_path):
    check(monkeypatch, prod, 1000)
    narrow = targets.load("prod", tmp_path, {**OPERATOR, "FILMS_AT_ONCE": "1", "CHUNKS_AT_ONCE": "8"})
    check(monkeypatch, narrow, 58)


def test_the_other_stages_of_the_account_run_beside_this_one(monkeypatch, prod):
    """Each alone would fit, and while both encode the calls of people would be refused."""
    there = [encoder("prod", "5", "150"), encoder("staging", "5", "40"), {"FunctionName": "videoflix-staging-ingest"}]
    check(monkeypatch, prod, 1000, there)
    with pytest.raises(DeployError, match=r"CHUNKS_AT_ONCE \(150\), 240 of the stage staging and 50 .*\(1000\)"):
        check(monkeypatch, prod, 1000, [*there, encoder("staging", "6", "40")])


def test_functions_of_other_programs_are_nobodys_width(monkeypatch, prod):
    check(monkeypatch, prod, 800, [{"FunctionName": "videoflix-staging-transcode"}, {"FunctionName": "theirs"}])


def test_emulators_count_nothing(monkeypatch, local):
    check(monkeypatch, local, 1)


def planned(target, deployed):
    said = []
    plan = deployment.Plan(fingerprint="f", deployed=deployed, stacks=(), unchanged=False)
    deployment.Deployment(target, said.append).show(plan)
    return "\n".join(said)


def test_the_plan_of_a_first_deployment_says_what_nobody_can_look_up(account):
    assert "3,538 MB" in planned(account, None)
    assert "3,538 MB" not in planned(account, note.Note("f", {}, []))


def test_whoever_gave_the_encoder_what_a_new_account_allows_hears_nothing_of_it(account, tmp_path):
    assert "MB" not in planned(targets.load("prod", tmp_path, {**OPERATOR, "TRANSCODE_MEMORY": "3008"}), None)


def test_an_emulated_stage_hears_nothing_of_it(account, tmp_path):
    on_an_emulator = {**OPERATOR, "AWS_ENDPOINT_URL": "https://sts.eu-central-1.amazonaws.com"}
    assert "MB" not in planned(targets.load("prod", tmp_path, on_an_emulator), None)


def test_when_lambda_refuses_the_memory_the_operator_hears_what_to_ask_aws_for(prod, tmp_path, monkeypatch):
    refusal = (
        "An error occurred (InvalidParameterValueException) when calling the CreateFunction operation:\n"
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008"
    )
    program = tmp_path / "infra" / "chalice_cli.py"
    program.parent.mkdir()
    program.write_text(f"import sys; print({refusal!r}); sys.exit(1)\n")
    monkeypatch.setattr(chalice_run, "ROOT", tmp_path)
    with pytest.raises(
        DeployError, match=r"(?s)less than or equal to 3008.*3,538 MB.*AWS Support.*TRANSCODE_MEMORY=3008"
    ):
        chalice_run.deploy(prod, lambda _text: None, {})
