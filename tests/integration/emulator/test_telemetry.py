"""What functions print is kept as on AWS, and no longer than the function."""

from concurrent.futures import ThreadPoolExecutor

from .conftest import wait_for
from .functions_kit import invoke, make_function

WAITING = """
import pathlib, time
def handler(event, context):
    print("at work")
    pathlib.Path(event["begun"]).touch()
    while not pathlib.Path(event["end"]).exists():
        time.sleep(0.01)
"""


def groups(target, name):
    found = target.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    return [group["logGroupName"] for group in found]


def test_what_a_function_prints_is_in_its_log_group(corrected, tmp_path):
    name = make_function(corrected, WAITING)
    (tmp_path / "end").touch()
    invoke(corrected, name, {"begun": str(tmp_path / "begun"), "end": str(tmp_path / "end")})
    events = corrected.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert [event for event in events if "at work" in event["message"]]


def test_an_invocation_that_outlives_its_function_leaves_no_log_group(corrected, tmp_path):
    """Else a stage that was removed while a film came in would not be gone."""
    name = make_function(corrected, WAITING)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(invoke, corrected, name, {"begun": str(tmp_path / "begun"), "end": str(tmp_path / "end")})
        wait_for((tmp_path / "begun").exists)
        corrected.client("lambda").delete_function(FunctionName=name)
        (tmp_path / "end").touch()
        running.result(20)
    assert groups(corrected, name) == []
