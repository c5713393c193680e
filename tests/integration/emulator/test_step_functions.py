"""The state machine of films, run by the emulator as AWS runs it."""

import json
import re
import uuid

import pytest
from botocore.exceptions import ClientError

from infra import stacks
from localstack import process
from tests.processes import gone

from .conftest import ROOT, Target, kill, wait_for
from .functions_kit import TRUST, make_function

STEPS = """
import json, os, pathlib, signal, time
NOTES = pathlib.Path({notes!r})
class PassingError(Exception): pass
class GrowlError(Exception): pass

def note(word):
    with open(NOTES, "a") as file:
        file.write(word + "\\n")

def count(word):
    return NOTES.read_text().splitlines().count(word) if NOTES.exists() else 0

def handler(event, context):
    step, film = event["step"], event["film"]
    word = step + str(event.get("chunk", ""))
    note(word)
    for trouble in film.get("troubles", []):
        if trouble["at"] == word and count(word) <= trouble["times"]:
            if trouble["what"] == "passing": raise PassingError("wait a little")
            if trouble["what"] == "fault": raise GrowlError("grr")
            if trouble["what"] == "killed": os.kill(os.getpid(), signal.SIGKILL)
            if trouble["what"] == "slow": time.sleep(600)
    if step == "encode":
        note("begins")
        time.sleep(film.get("seconds", 0))
        note("ends")
    if step == "give_up":
        note(json.dumps(event["error"]))
    return {{"chunks": list(range(film.get("chunks", 0)))}} if step == "prepare" else None
"""


class Machine:
    """The machine of infra/engine.yaml with a tiny function in the place of `transcode`."""

    def __init__(self, target, folder, *, at_once=2, timeout=910, function_timeout=60):
        self.target = target
        self.notes = folder / f"notes-{uuid.uuid4().hex[:8]}"
        self.notes.touch()
        function = make_function(target, STEPS.format(notes=str(self.notes)), Timeout=function_timeout)
        resources = stacks.parse((ROOT / "infra" / "engine.yaml").read_text())["Resources"]
        text, values = resources["Machine"]["Properties"]["DefinitionString"]["Sub"]
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
        for name, value in {**values, "Function": arn, "ChunksAtOnce": str(at_once)}.items():
            text = text.replace(f"${{{name}}}", value)
        text = text.replace('"TimeoutSeconds": 910', f'"TimeoutSeconds": {timeout}')
        definition = re.sub(r'"IntervalSeconds": \d+', '"IntervalSeconds": 1', text)
        role = target.client("iam").create_role(RoleName=f"m-{function}", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.states = target.client("stepfunctions")
        self.name = f"m-{function}"
        self.arn = self.states.create_state_machine(name=self.name, definition=definition, roleArn=role["Role"]["Arn"])[
            "stateMachineArn"
        ]

    def start(self, *, name=None, task="film", **film):
        given = {"task": task, "film": film, "seconds": 12.5}
        return self.states.start_execution(
            stateMachineArn=self.arn, name=name or uuid.uuid4().hex, input=json.dumps(given)
        )["executionArn"]

    def ended(self, arn, seconds=60):
        return wait_for(lambda: (found := self.describe(arn))["status"] != "RUNNING" and found, seconds)

    def describe(self, arn):
        return self.states.describe_execution(executionArn=arn)

    def run(self, **film):
        return self.ended(self.start(**film))

    @property
    def noted(self):
        return self.notes.read_text().splitlines()

    def trouble(self, at, what, times=99, **film):
        """Run a film that meets a trouble at a step the first so many times."""
        return self.run(troubles=[{"at": at, "what": what, "times": times}], **film)

    def waits_for(self, word, times=1):
        wait_for(lambda: self.noted.count(word) >= times)


@pytest.fixture
def machine(corrected, tmp_path):
    return Machine(corrected, tmp_path)


# ---- what Step Functions promises, and ministack holds -------------------------------------------------------------


def test_a_film_is_prepared_then_encoded_then_published(machine):
    assert machine.run(chunks=3)["status"] == "SUCCEEDED"
    assert (machine.noted[0], machine.noted[-1]) == ("prepare", "publish")
    assert sorted(word for word in machine.noted if word[-1].isdigit()) == ["encode0", "encode1", "encode2"]


def test_a_film_that_was_refused_has_nothing_to_encode(machine):
    assert machine.run(chunks=0)["status"] == "SUCCEEDED"
    assert machine.noted == ["prepare", "publish"]


def test_a_new_poster_is_no_new_film(machine):
    assert machine.ended(machine.start(task="poster"))["status"] == "SUCCEEDED"
    assert machine.noted == ["poster"]


@pytest.mark.parametrize("at_once", [1, 3])
def test_so_many_chunks_run_at_once_and_no_more(at_once, corrected, tmp_path):
    """More ffmpegs than processors would only take each other's time and memory."""
    machine = Machine(corrected, tmp_path, at_once=at_once)
    assert machine.run(chunks=7, seconds=0.4)["status"] == "SUCCEEDED"
    running = most = 0
    for word in machine.noted:
        running += {"begins": 1, "ends": -1}.get(word, 0)
        most = max(most, running)
    assert most == at_once


def test_what_may_pass_is_tried_again_by_the_name_of_its_class(machine):
    """Three times, which is once more than what nobody expected."""
    assert machine.trouble("prepare", "passing", times=3)["status"] == "SUCCEEDED"
    assert machine.noted.count("prepare") == 4


def test_a_fault_is_tried_twice_again_then_given_up_with_its_name(machine):
    ended = machine.trouble("publish", "fault")
    assert (ended["status"], ended["error"]) == ("FAILED", "GaveUp")
    assert machine.noted.count("publish") == 3
    error = json.loads(machine.noted[-1])
    assert error["Error"] == "GrowlError"
    assert json.loads(error["Cause"])["errorMessage"] == "grr"


def test_giving_up_is_tried_again_as_well(machine):
    troubles = [{"at": "prepare", "what": "fault", "times": 9}, {"at": "give_up", "what": "passing", "times": 2}]
    assert machine.run(troubles=troubles)["error"] == "GaveUp"
    assert json.loads(machine.noted[-1])["Error"] == "GrowlError"


def test_a_worker_that_was_killed_costs_a_film_nothing_but_time(machine):
    assert machine.trouble("encode1", "killed", times=2, chunks=3)["status"] == "SUCCEEDED"
    assert [machine.noted.count(f"encode{chunk}") for chunk in range(3)] == [1, 3, 1]


@pytest.mark.parametrize(("step", "function"), [(60, 1), (1, 3)])
def test_a_step_that_never_ends_is_ended_and_tried_again(step, function, corrected, tmp_path):
    """By Lambda, or where Lambda's answer is lost, by the state machine."""
    machine = Machine(corrected, tmp_path, timeout=step, function_timeout=function)
    assert machine.trouble("encode0", "slow", times=1, chunks=2)["status"] == "SUCCEEDED"
    assert machine.noted.count("encode0") == 2


def test_the_name_of_an_execution_is_taken_for_good(machine):
    """What keeps a duplicate of an upload's event from encoding the film twice."""
    machine.ended(machine.start(name="film-7-1", chunks=1))
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machine.start(name="film-7-1", chunks=1)
    assert machine.noted.count("prepare") == 1


def test_who_may_start_one_machine_may_start_no_other(corrected, tmp_path):
    mine, other = Machine(corrected, tmp_path), Machine(corrected, tmp_path)
    executions = f"{mine.arn.replace(':stateMachine:', ':execution:')}:*"
    theirs = other.start()
    mine.states = other.states = corrected.client("stepfunctions", key=_user_who_may_run(corrected, mine, executions))
    assert mine.run(chunks=1)["status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="AccessDenied"):
        other.start()
    with pytest.raises(ClientError, match="AccessDenied"):
        other.describe(theirs)
    with pytest.raises(ClientError, match="AccessDenied"):
        mine.states.stop_execution(executionArn=mine.arn)


def _user_who_may_run(target, machine, executions):
    iam, name = target.client("iam"), machine.name
    iam.create_user(UserName=name)
    statements = [
        {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine.arn},
        {"Effect": "Allow", "Action": "states:DescribeExecution", "Resource": executions},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="run", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


# ---- what is corrected ---------------------------------------------------------------------------------------------


def _head_start(machine):
    arn = machine.ended(machine.start())["executionArn"]
    events = machine.states.get_execution_history(executionArn=arn)["events"]
    return (events[1]["timestamp"] - events[0]["timestamp"]).total_seconds()


def test_the_bare_emulator_still_sleeps_before_an_executions_first_step(bare, tmp_path):
    assert _head_start(Machine(bare, tmp_path)) >= 0.15


def test_an_execution_begins_at_once(machine):
    assert min(_head_start(machine) for _ in range(5)) < 0.15


def test_the_bare_emulator_still_refuses_a_start_that_is_repeated(bare, tmp_path):
    machine = Machine(bare, tmp_path)
    machine.start(name="film-7-1", chunks=1, seconds=3)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machine.start(name="film-7-1", chunks=1, seconds=3)


def test_a_start_that_is_repeated_finds_the_execution_that_runs(machine):
    """Whoever lost the answer of a start asks again."""
    first = machine.start(name="film-7-1", chunks=1, seconds=3)
    assert machine.start(name="film-7-1", chunks=1, seconds=3) == first
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machine.start(name="film-7-1", chunks=2, seconds=3)
    assert machine.ended(first)["status"] == "SUCCEEDED"
    assert machine.noted.count("prepare") == 1


@pytest.mark.parametrize(("which", "encoded"), [("bare", 5), ("corrected", 1)])
def test_after_a_chunk_that_failed_for_good_no_other_begins(which, encoded, request, tmp_path):
    """Otherwise a long film encodes for an hour after it was given up."""
    machine = Machine(request.getfixturevalue(which), tmp_path, at_once=1)
    assert machine.trouble("encode0", "fault", chunks=5)["error"] == "GaveUp"
    assert len({word for word in machine.noted if word.startswith("encode")}) == encoded
    assert json.loads(machine.noted[-1])["Error"] == "States.ExceedToleratedFailureThreshold"


@pytest.mark.parametrize(("which", "encoded"), [("bare", 4), ("corrected", 1)])
def test_after_a_stop_no_other_chunk_begins(which, encoded, request, tmp_path):
    machine = Machine(request.getfixturevalue(which), tmp_path, at_once=1)
    arn = machine.start(chunks=4, seconds=0.5)
    machine.waits_for("begins")
    machine.states.stop_execution(executionArn=arn)
    (run,) = machine.states.list_map_runs(executionArn=arn)["mapRuns"]
    wait_for(lambda: machine.states.describe_map_run(mapRunArn=run["mapRunArn"])["status"] != "RUNNING")
    assert machine.noted.count("begins") == encoded
    assert machine.describe(arn)["status"] == "ABORTED"


@pytest.mark.parametrize(("which", "status"), [("bare", "FAILED"), ("corrected", "ABORTED")])
def test_what_was_stopped_stays_so(which, status, request, tmp_path):
    machine = Machine(request.getfixturevalue(which), tmp_path)
    arn = machine.start(task="poster", troubles=[{"at": "poster", "what": "fault", "times": 9}])
    machine.waits_for("poster")
    machine.states.stop_execution(executionArn=arn)
    machine.waits_for("poster", times=3)
    wait_for(lambda: machine.describe(arn)["status"] == status)


@pytest.mark.parametrize(("which", "known"), [("bare", True), ("corrected", False)])
def test_the_chunks_of_former_films_do_not_pile_up(which, known, request, tmp_path):
    """They are saved whole each time something changes."""
    machine = Machine(request.getfixturevalue(which), tmp_path)
    films = [machine.ended(machine.start(chunks=2))["executionArn"] for _ in range(7)]
    maps = [machine.states.list_map_runs(executionArn=film)["mapRuns"] for film in films]
    assert bool(maps[0]) is known
    assert maps[-1]
    assert all(machine.describe(film)["status"] == "SUCCEEDED" for film in films)


def test_after_a_kill_a_film_that_was_ready_is_and_one_in_work_has_failed(stack, tmp_path):
    """The watchdog starts the second again, under a new name, and leaves the first alone."""
    machine = Machine(Target(stack.aws_url, stack), tmp_path)
    ready = machine.ended(machine.start(chunks=2))["executionArn"]
    running = machine.start(chunks=1, seconds=600)
    machine.waits_for("begins", times=3)
    wait_for(lambda: _saved(stack).items() >= {ready: "SUCCEEDED", running: "RUNNING"}.items())
    kill(stack)
    process.start(stack)
    assert machine.describe(ready)["status"] == "SUCCEEDED"
    lost = machine.describe(running)
    assert (lost["status"], lost["error"]) == ("FAILED", "States.ServiceRestart")
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        machine.describe(f"{running}-2")
    assert machine.run(chunks=1)["status"] == "SUCCEEDED"


def _saved(stack):
    """What a start after a kill would find: the status of each execution."""
    state = json.loads((stack.state / "emulator" / "stepfunctions.json").read_text())
    found = [one for one in _dictionaries(state) if one.keys() >= {"executionArn", "status", "input"}]
    return {one["executionArn"]: one["status"] for one in found}


def _dictionaries(value):
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from [value] if isinstance(value, dict) else []
    for child in children:
        yield from _dictionaries(child)


def test_a_stack_that_is_stopped_while_it_encodes_leaves_no_process(stack, tmp_path):
    machine = Machine(Target(stack.aws_url, stack), tmp_path)
    film = machine.start(chunks=4, seconds=600)
    machine.waits_for("begins", times=2)
    pid = stack.record()["pid"]
    process.stop(stack)
    wait_for(lambda: gone(pid))
    process.start(stack)
    assert machine.describe(film)["status"] == "FAILED"
