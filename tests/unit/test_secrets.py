"""No file of the repository holds a secret: whoever clones it could use it. The rules are those of detect-secrets."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector

pytestmark = pytest.mark.slow  # reads every file

ROOT = Path(__file__).parents[2]
NOT_OURS = ("functions/http/static/", "web/vendor/", "vendor/")
NO_SECRET = ("IP Public", "Public IP (ipv4)")  # addresses
EXAMPLES = {
    "AKIAGUESSEDGUESSED00": "a key that a test invents to be refused",
    "ghs_is_summed_and_what": "a part of the name of a test",
    "AKIAUNKNOWN000000000": "a key that a test invents to be refused",
    "eyJhbGciOiJIUzI1NiJ9.e30.": "the OpenAPI document's example of a token, which signs nothing",
}

RULES = [
    (name, pattern)
    for name, detector in get_mapping_from_secret_type_to_class().items()
    if issubclass(detector, RegexBasedDetector) and name not in NO_SECRET
    for pattern in detector().denylist
]


def _files() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    yield from (ROOT / name for name in listed.split("\0") if name and not name.startswith(NOT_OURS))


def _text(file: Path) -> str:
    """Return what can be read in a file; of a picture or an archive all that a person could take for text."""
    content = file.read_bytes()
    if b"\0" in content:
        content = b"\n".join(re.findall(rb"[\t -~]{8,}", content))
    return content.decode(errors="replace")


def _found(text: str) -> Iterator[tuple[str, str]]:
    for name, pattern in RULES:
        for match in pattern.finditer(text):
            if not any(example in match.group() for example in EXAMPLES):
                yield name, match.group()


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="lists the files of a git checkout")
def test_no_file_holds_a_secret() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {name}"  # never the secret itself: the log of CI is read by many
        for file in _files()
        if file.is_file()
        for name, _ in _found(_text(file))
    ]
    assert found == []


@pytest.mark.parametrize(
    "secret",
    [
        "aws_access_key_id = AKIA" + "IOSFODNN7RXAMPLE"[:16],
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "https://someone:" + "hunter2hunter2@example.com/",
        "ghp_" + "a1B2" * 9,
    ],
)
def test_a_secret_would_be_found(secret: str) -> None:
    assert [*_found(secret)]


def test_the_examples_are_still_somewhere() -> None:
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in (ROOT / "tests").rglob("*.py")]
    texts += [(ROOT / "schema.json").read_text(encoding="utf-8")]
    assert all(any(re.escape(example) in re.escape(text) for text in texts) for example in EXAMPLES)
