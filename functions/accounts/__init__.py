"""People: who they are, how they prove it, their sessions, one-time links and limits.

Knows only the ground floor and `mail`. Nothing of films, nothing of HTTP. A submodule is imported when it is first
named (`accounts.signing_in`), so that the Lambdas which share app.py but ask for nobody never load it.
"""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.accounts import keys as keys
    from functions.accounts import people as people
    from functions.accounts import signing_in as signing_in
    from functions.accounts import tokens as tokens


def __getattr__(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise AttributeError(name) from error
