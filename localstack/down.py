"""Stop the stack: `python -m localstack.down`. What it keeps stays in the state folder."""

import sys

from localstack import process
from localstack.progress import fail, step
from localstack.stack import StackError, load


def main() -> int:
    """Stop it if it runs; return the exit code."""
    try:
        stack = load()
        step("The stack is down." if process.stop(stack) else "The stack was not running.")
    except StackError as error:
        return fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
