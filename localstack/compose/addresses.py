"""Print where the stack of compose.yml is: `docker compose exec web python -m localstack.compose.addresses`."""

from __future__ import annotations

import sys

from localstack.addresses import table
from localstack.compose import stack as compose
from localstack.progress import fail
from localstack.stack import StackError


def main() -> int:
    """Print the addresses; return the exit code."""
    try:
        stack = compose.load()
    except StackError as error:
        return fail(str(error))
    exec_web = "docker compose exec web"
    print(
        table(
            stack, f"{exec_web} python manage.py", f"docker compose logs -f | {exec_web} pytest | ./stop_videoflix.sh"
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
