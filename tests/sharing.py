"""Which files of tests share what takes long to make: the stack with its film, or a site that is deployed to.

They run in one process, one after the other, in the order of their names. Each also runs by itself.
"""

_SHARED = {
    "stack": ("tests/e2e/test_", "tests/integration/test_"),
    # each leaves its site deployed, the last one removes it
    "site": tuple(f"tests/integration/deploy/test_{name}.py" for name in ("deploy", "rights", "stages")),
    "interrupted site": tuple(f"tests/integration/deploy/test_{name}.py" for name in ("interrupted", "plain_chalice")),
}


STACK, *SITES = _SHARED


def shared_by(nodeid: str) -> str:
    """Return the name of what a test shares with others, or else of its own file."""
    file = nodeid.partition("::")[0]
    return next((name for name, files in _SHARED.items() if file.startswith(files)), file)
