"""A program that knows only the OpenAPI document calls everything, rightly and wrongly, and finds what it says true.

schemathesis makes the calls: examples, each edge of each schema, and others at random (with a fixed seed). It compares
status, media type, headers and body with the document; no answer may be a fault of ours (5xx).
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.media import ffmpeg
from tests.stack import QUICK_LOGINS, Client, Stack, running

pytestmark = pytest.mark.long

CONFIGURATION = """
[phases.coverage]
# TRACE never reaches us: API Gateway has no such method
unexpected-methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

[parameters]
{parameters}

# What the contract takes without a word (an unknown order counts as the default), the document does not advertise.
[[operations]]
include-operation-id = ["list_films", "list_films_2"]
checks.negative_data_rejection.enabled = false

# Other addresses of the same calls: their edges are the same as well.
[[operations]]
include-operation-id-regex = "_2$"
phases.coverage.enabled = false
"""
# Tags of the calls that want no login. (So does GET /admin/, which only redirects.)
OPEN = ["Accounts", "Health and documents"]
# A password, a token or a cookie that fits its schema is not thereby right.
_NOT_OURS = "positive_data_acceptance"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that nobody else logs in to, for these calls fill every limit and change what they can."""
    plenty = {"UPLOADS_PER_MINUTE": "100000", "UPLOADS_PER_DAY": "100000", "UPLOAD_BYTES_PER_DAY": f"{10**18}"}
    with running(tmp_path_factory.mktemp("openapi"), demo_film=False, **plenty, **QUICK_LOGINS) as started:
        yield started


@pytest.fixture(scope="module")
def demo(own_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The demo user, who owns the only film; logged in before the guesses at passwords begin."""
    client = own_stack.demo()
    file = tmp_path_factory.mktemp("film") / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=3", str(file))
    own_stack.service("s3").upload_file(str(file), "videoflix-uploads", "film.mp4")
    film = own_stack.registered("film.mp4")
    assert own_stack.finished(client, film["id"])["state"] == "ready"
    assert film["id"] == 1, "the calls name this film"
    return client


@pytest.fixture(scope="module")
def staff(own_stack: Stack) -> Client:
    own_stack.manage("create_admin", "--email", "staff@example.com", "--password", "Correct horse 7")
    client = own_stack.client()
    assert client.post("/api/login/", {"email": "staff@example.com", "password": "Correct horse 7"}).status == 200
    return client


@pytest.fixture(scope="module")
def newcomer(own_stack: Stack) -> Client:
    """Somebody with no films; registered before the calls use up how often this address may register."""
    return own_stack.newcomer()


def try_everything(stack: Stack, tmp_path: Path, *arguments: str, film: int | None = 1, person: int | None = 1) -> str:
    """Run schemathesis and return its report: with a curl command for each failure. Without a film it finds its own."""
    known = {"video_id": film, "user_id": person, "language": '"de"'}
    parameters = "\n".join(f"{name} = {value}" for name, value in known.items() if value is not None)
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.format(parameters=parameters), encoding="utf-8")
    stack.environment["SCHEMATHESIS_HOOKS"] = "tests.integration.openapi.hooks"
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run", "schema.json"]
    if "--phases" not in arguments:
        arguments = ("--phases", "examples,coverage,fuzzing", *arguments)
    return stack.run(
        *program,
        *("--url", f"http://127.0.0.1:{stack.api}"),
        *("--seed", "1", "--generation-database", "none"),
        *("--exclude-checks", _NOT_OURS, "--continue-on-failure", "--no-color", "--warnings", "off"),
        *arguments,
    )


def including(tags: Iterable[str]) -> list[str]:
    return [word for tag in tags for word in ("--include-tag", tag)]


def excluding(tags: Iterable[str]) -> list[str]:
    return [word for tag in tags for word in ("--exclude-tag", tag)]


def as_caller(client: Client) -> tuple[str, ...]:
    """Name the client's token, and let no generated one take its place."""
    (token,) = (cookie.value for cookie in client.jar if cookie.name == "access_token")
    return ("--header", f"Authorization: Bearer {token}", "--generation-with-security-parameters", "false")


@pytest.mark.usefixtures("staff", "newcomer")
def test_the_document_is_true_for_the_demo_user(own_stack: Stack, demo: Client, tmp_path: Path) -> None:
    others = excluding(["Staff", *OPEN])
    kept = ("--exclude-operation-id", "logout", "--exclude-operation-id", "delete_film")
    try_everything(own_stack, tmp_path, "--max-examples", "3", *others, *kept, *as_caller(demo))
    assert demo.get("/api/account/").status == 200, "the session ended, so most calls told nothing"
    assert demo.get("/api/video/1/480p/index.m3u8").status == 200, "the film is gone, so most calls told nothing"


def test_what_a_call_makes_the_calls_that_it_leads_to_find(own_stack: Stack, newcomer: Client, tmp_path: Path) -> None:
    """Announce a film, then show, edit or delete it, send or abort its parts, in any order: by the document's links."""
    linked = including(["Uploads", "Videos"])
    stateful = ("--phases", "stateful", "--max-examples", "20")
    report = try_everything(own_stack, tmp_path, *stateful, *linked, *as_caller(newcomer), film=None, person=None)
    assert re.search(r"API Links: +[1-9]", report), report
    assert newcomer.get("/api/account/").status == 200, "the session ended, so most calls told nothing"


def test_the_document_is_true_for_staff(own_stack: Stack, demo: Client, staff: Client, tmp_path: Path) -> None:
    person = demo.get("/api/account/").json()["id"]
    try_everything(own_stack, tmp_path, "--max-examples", "5", *including(["Staff"]), *as_caller(staff), person=person)
    assert staff.get("/api/users/").status == 200, "the session ended, so most calls told nothing"


def test_the_document_is_true_for_who_is_not_logged_in(own_stack: Stack, tmp_path: Path) -> None:
    try_everything(own_stack, tmp_path, "--max-examples", "3", *including(OPEN))
    # what wants a login answers 401 to whatever is sent, so a few calls of each tell all
    try_everything(own_stack, tmp_path, "--max-examples", "1", "--phases", "examples,fuzzing", *excluding(OPEN))
