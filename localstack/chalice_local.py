"""`chalice` with the environment that it was started with: `python -m localstack.chalice_local local ...`.

Chalice lays the variables of `.chalice/config.json` over its environment. Here the deployment's own values are in the
environment already, and the file's, which serve plain `chalice local`, must not win over them.
"""

import sys

from chalice.cli import main
from chalice.config import Config


def _none(_config: Config) -> dict[str, str]:
    return {}


if __name__ == "__main__":
    setattr(Config, "environment_variables", property(_none))  # noqa: B010 - the type checker knows a method there
    sys.exit(main())
