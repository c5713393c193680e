"""CloudFront's function before the page, run by the Node.js that Playwright brings along."""

import json
import subprocess

import pytest
from playwright._impl._driver import compute_driver_executable

from tests.unit.infra.test_templates import resources

CODE = resources("page")["Folders"]["Properties"]["FunctionCode"]
CALL = """
const [uri, query] = JSON.parse(process.argv[1]);
const request = { uri, querystring: {}, rawQueryString: () => query ?? undefined };
console.log(JSON.stringify(handler({ request })));
"""


def answer(uri, query=None):
    """What the function makes of a request: another, or a redirect. `query` is None where there is no question mark."""
    node, _ = compute_driver_executable()
    said = json.dumps([uri, query])
    done = subprocess.run([node, "-e", CODE + CALL, said], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def location(uri, query=None):
    return answer(uri, query)["headers"]["location"]["value"]


@pytest.mark.parametrize(
    ("uri", "file"),
    [("/", "/index.html"), ("/studio/", "/studio/index.html"), ("/js/app.js", "/js/app.js"), ("//", "/index.html")],
)
def test_a_folder_is_its_index_and_a_file_is_itself(uri, file):
    assert answer(uri)["uri"] == file


def test_a_folder_without_its_slash_leads_to_it_and_keeps_what_was_asked():
    assert location("/studio") == "/studio/"
    assert location("/reset", "token=a%2Bb&uid=7") == "/reset/?token=a%2Bb&uid=7"
    assert location("/reset", "") == "/reset/"


@pytest.mark.parametrize("uri", ["//evil.example/login", "///evil.example/login", "/\\evil.example/login"])
def test_no_address_leads_to_another_host(uri):
    """Two slashes begin a host, and to browsers a backslash is one (URL standard, relative slash state)."""
    assert location(uri) == "/evil.example/login/"
