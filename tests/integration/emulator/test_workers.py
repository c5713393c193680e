"""Functions run as Lambda runs them."""

import base64
import importlib.util
import json
import marshal
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.processes import gone

from .conftest import wait_for
from .functions_kit import UNPACKED_BY_NOBODY, invoke, make_function, zipped

RAISES = """
class OutOfFilmError(Exception): pass
def handler(event, context):
    raise OutOfFilmError("no film")
"""


def test_the_bare_emulator_still_hides_the_class_of_an_error(bare):
    payload, _ = invoke(bare, make_function(bare, RAISES))
    assert payload["errorType"] == "Runtime.HandlerError"


def test_an_error_is_named_by_its_class(corrected):
    payload, kind = invoke(corrected, make_function(corrected, RAISES))
    assert (payload["errorType"], payload["errorMessage"], kind) == ("OutOfFilmError", "no film", "Unhandled")
    assert "main.py" in payload["stackTrace"][-1]


COUNTS = """
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if event.get("fail"): raise ValueError("x")
    return calls
"""


@pytest.mark.parametrize(("which", "calls_seen"), [("bare", 1), ("corrected", 3)])
def test_a_process_stays_warm_after_an_error(which, calls_seen, request):
    """Without it every retry pays a cold start."""
    target = request.getfixturevalue(which)
    name = make_function(target, COUNTS)
    invoke(target, name)
    invoke(target, name, {"fail": True})
    assert invoke(target, name)[0] == calls_seen


def test_bytecode_that_a_package_brings_is_used_as_on_aws(corrected):
    """Else each cold start compiles, here and there, what a deployment had compiled."""
    compiled = marshal.dumps(compile("def handler(event, context): return 'bytecode'", "main.py", "exec"))
    unchecked = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + compiled
    name = f"__pycache__/main.{sys.implementation.cache_tag}.pyc"
    function = make_function(corrected, "def handler(event, context): return 'source'", files={name: unchecked})
    assert invoke(corrected, function)[0] == "bytecode"


PRINTS = """
import subprocess, sys, os
def handler(event, context):
    print('{"status": "ok", "result": "forged by print"}')
    subprocess.run([sys.executable, "-c", 'print(\\'{"status": "ok", "result": "forged by a child"}\\')'])
    os.write(1, b'{"result": "forged by write"}\\n')
    return "true answer"
"""


def test_the_bare_emulator_still_believes_what_a_child_prints(bare):
    assert invoke(bare, make_function(bare, PRINTS))[0] == "forged by a child"


def test_what_a_function_or_its_child_prints_is_log_and_not_answer(corrected):
    name = make_function(corrected, PRINTS)
    answer = corrected.client("lambda").invoke(FunctionName=name, LogType="Tail")
    assert json.loads(answer["Payload"].read()) == "true answer"
    log = base64.b64decode(answer["LogResult"]).decode()
    assert all(text in log for text in ("forged by print", "forged by a child", "forged by write"))
    functions_log = (corrected.stack.log_folder / "functions.log").read_text()
    assert f"{name} " in functions_log
    assert "forged by a child" in functions_log


TOOL_IN_LAYER = """
import os, shutil, subprocess
def handler(event, context):
    tool = shutil.which("videoflix-tool")
    return {"tool": bool(tool), "says": tool and subprocess.run([tool], capture_output=True, text=True).stdout}
"""


def _with_layer(target, name):
    layer = zipped({"bin/videoflix-tool": "#!/bin/sh\necho from the layer\n"}, {"bin/videoflix-tool": 0o755})
    published = target.client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": layer})
    return make_function(target, TOOL_IN_LAYER, Layers=[published["LayerVersionArn"]])


def test_the_bare_emulator_still_hides_the_tools_of_a_layer(bare):
    assert not invoke(bare, _with_layer(bare, "tool"))[0]["tool"]


def test_a_tool_of_a_layer_is_on_the_path_and_runs(corrected):
    payload, _ = invoke(corrected, _with_layer(corrected, "tool"))
    assert payload == {"tool": True, "says": "from the layer\n"}


def test_two_functions_of_one_zip_share_one_unpacked_folder(corrected):
    """Unpacking ffmpeg for each cold worker cost a second and 130 MB each."""
    source = "import os\ndef handler(event, context): return os.environ['LAMBDA_TASK_ROOT']"
    first, second = (make_function(corrected, source) for _ in range(2))
    assert invoke(corrected, first)[0] == invoke(corrected, second)[0]


STARTS_CHILD = """
import subprocess, sys, time
def handler(event, context):
    group = 0 if event.get("own_group") else None
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=group)
    print("child", child.pid)
    if event.get("pid_only"): return child.pid
    time.sleep(60)
"""


def _child_of_timed_out(target, **event):
    name = make_function(target, STARTS_CHILD, Timeout=1)
    payload = json.dumps(event).encode()
    answer = target.client("lambda").invoke(FunctionName=name, LogType="Tail", Payload=payload)
    assert b"timed out" in answer["Payload"].read()
    log = base64.b64decode(answer["LogResult"]).decode()
    return int(log.split("child ")[1].split()[0])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_the_bare_emulator_still_leaves_the_children_of_a_timed_out_function(bare):
    child = _child_of_timed_out(bare)
    assert not gone(child)
    subprocess.run(["kill", str(child)], check=True)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
@pytest.mark.parametrize("own_group", [False, True])
def test_a_timed_out_function_takes_its_children_along(own_group, corrected):
    """Otherwise an ffmpeg encodes on for a film that was given up: it has a process group of its own, to be paused."""
    child = _child_of_timed_out(corrected, own_group=own_group)
    wait_for(lambda: gone(child))


LOOKS_AROUND = """
import importlib.util, os, sys, tempfile
def handler(event, context):
    open(os.path.join(tempfile.gettempdir(), "left"), "w").write("x")
    return {
        "ministack": bool(importlib.util.find_spec("ministack")),
        "own": bool(importlib.util.find_spec("localstack")),
        "environment": dict(os.environ),
        "tmp": tempfile.gettempdir(),
        "there": os.listdir(tempfile.gettempdir()),
        "left": context.get_remaining_time_in_millis(),
        "id": context.aws_request_id,
        "name": context.function_name,
        "writable": os.access(os.environ["LAMBDA_TASK_ROOT"], os.W_OK),
    }
"""


def test_a_function_sees_awss_environment_and_nothing_of_this_machine(corrected):
    name = make_function(corrected, LOOKS_AROUND, Environment={"Variables": {"OWN": "setting"}})
    seen, _ = invoke(corrected, name)
    environment = seen["environment"]
    assert (seen["ministack"], seen["own"]) == (False, False)
    assert environment["_HANDLER"] == "main.handler"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == seen["name"] == name
    assert environment["AWS_ENDPOINT_URL"] == corrected.url
    assert environment["OWN"] == "setting"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert "STATE_DIR" not in environment
    assert 0 < seen["left"] <= 10_000


def test_each_invocation_has_a_temporary_folder_of_its_own_that_is_removed(corrected):
    name = make_function(corrected, LOOKS_AROUND)
    first, second = (invoke(corrected, name)[0] for _ in range(2))
    assert first["tmp"] != second["tmp"]
    assert second["there"] == ["left"]
    assert not Path(first["tmp"]).exists()


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import no_such_module", "Runtime.ImportModuleError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("x = 1", "Runtime.HandlerNotFound"),
        ("raise KeyError('at import')", "KeyError"),
        ("def handler(event, context): return {1, 2}", "Runtime.MarshalError"),
        ("import sys\ndef handler(event, context): sys.exit(3)", "Runtime.ExitError"),
        ("import os\ndef handler(event, context): os._exit(3)", "Runtime.ExitError"),
        ("def handler(event, context): return 'x' * 7_000_000", "Function.ResponseSizeTooLarge"),
    ],
)
def test_what_goes_wrong_has_awss_name(source, kind, corrected):
    assert invoke(corrected, make_function(corrected, source))[0]["errorType"] == kind


SLOW = """
import time
def handler(event, context):
    print("begun", flush=True)
    time.sleep(event.get("seconds", 0))
    return "old"
"""


def test_a_deployment_lets_running_invocations_finish(corrected):
    """Otherwise `make up` on a running stack kills the film that is being encoded."""
    name = make_function(corrected, SLOW)
    log = corrected.stack.log_folder / "functions.log"
    with ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, corrected, name, {"seconds": 2})
        wait_for(lambda: f"{name} begun" in log.read_text())
        fresh = zipped({"main.py": "def handler(event, context): return 'new'"})
        corrected.client("lambda").update_function_code(FunctionName=name, ZipFile=fresh)
        assert invoke(corrected, name)[0] == "new"
        assert running.result() == ("old", None)


IMPORTS_LATE = """
import os, time
def handler(event, context):
    print("begun", flush=True)
    while not os.path.exists(event["until"]):
        time.sleep(0.05)
    from helper import answer
    return answer
"""


def test_a_function_that_is_replaced_while_it_works_keeps_its_code_until_it_is_done(corrected, tmp_path):
    """Python imports late: `make up` while a film is encoded must not take the code away that the encoding has yet to
    load. Unused code goes twice a minute, whatever code of another function can be unpacked nowhere; a folder that
    nobody ever used shows when."""
    other = make_function(corrected, "def handler(event, context): pass")
    corrected.client("lambda").update_function_code(FunctionName=other, ZipFile=UNPACKED_BY_NOBODY)
    name = make_function(corrected, IMPORTS_LATE, files={"helper.py": "answer = 'old'"}, Timeout=120)
    log, until = corrected.stack.log_folder / "functions.log", tmp_path / "until"
    with ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, corrected, name, {"until": str(until)})
        wait_for(lambda: f"{name} begun" in log.read_text())
        fresh = zipped({"main.py": "def handler(event, context): return 'new'"})
        corrected.client("lambda").update_function_code(FunctionName=name, ZipFile=fresh)
        unused = corrected.stack.state / "code" / "new-of-a-killed-stack"
        unused.mkdir()
        wait_for(lambda: not unused.exists(), 60)
        until.touch()
        assert running.result() == ("old", None)
    assert invoke(corrected, name)[0] == "new"


def test_zip_entries_and_links_stay_inside_their_folder(corrected):
    name = make_function(
        corrected,
        "import os\ndef handler(event, context): return sorted(os.listdir(os.environ['LAMBDA_TASK_ROOT']))",
        files={"../escaped.txt": "x"},
    )
    assert "escaped.txt" in invoke(corrected, name)[0]


WRITES_NOTHING = """
import os, resource, tempfile
def handler(event, context):
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    return tempfile.gettempdir() == os.environ["TMPDIR"]
"""


def test_a_function_whose_folder_is_full_is_not_given_another_one(corrected):
    """Python looks for one where it can write, and this machine's own would do. Lambda has /tmp and nothing else."""
    assert invoke(corrected, make_function(corrected, WRITES_NOTHING)) == (True, None)


@pytest.mark.parametrize("folder", ["tmp/functions", "code"])
def test_a_function_that_can_be_given_no_folder_is_called_again_later(folder, corrected):
    name = make_function(corrected, f"def handler(event, context): return 1  # {folder}")
    folders = corrected.stack.state / folder
    folders.mkdir(parents=True, exist_ok=True)
    folders.rename(folders.with_name("away"))
    folders.write_text("in the way")
    try:
        with pytest.raises(corrected.client("lambda").exceptions.TooManyRequestsException):
            invoke(corrected, name)
    finally:
        folders.unlink()
        folders.with_name("away").rename(folders)
    assert invoke(corrected, name) == (1, None)


NICENESS = """
import os
def handler(event, context):
    child = os.popen("nice").read()
    try:
        group = open("/proc/self/autogroup").read().split()[-1]
    except OSError:
        group = None
    return [os.nice(0), int(child), group]
"""


def test_whom_nobody_waits_for_leaves_the_processors_to_others_and_so_do_its_tools(corrected):
    """Viewers waited seconds for a list while films were encoded on the same machine."""
    (answers, children, share), _ = invoke(corrected, make_function(corrected, NICENESS, Timeout=29))
    assert (answers, children, share) == (os.nice(0), os.nice(0), share and "0")
    (encodes, tools, share), _ = invoke(corrected, make_function(corrected, NICENESS, Timeout=30))
    assert (encodes, tools, share) == (answers + 10, answers + 10, share and "10")
