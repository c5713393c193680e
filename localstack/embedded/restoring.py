"""Brings back what the last run kept, or refuses to start.

ministack 1.5.33 goes on without the state that it cannot read, and what it has instead is written over what was there.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from hypercorn.utils import LifespanFailureError

from localstack.stack import StackError

_log = logging.getLogger("videoflix.restoring")


class NotRestoredError(StackError, LifespanFailureError):
    """Kept state cannot be read. At any other error, hypercorn would go on and serve without it."""

    def __init__(self, what: Path) -> None:
        Exception.__init__(
            self,
            f"{what} cannot be read (it is damaged, or a newer version wrote it): use that version, put a copy of the "
            f"state folder in its place, or give up accounts and films with `make clean`.",
        )


def restore(emulator: ModuleType) -> None:
    """Load each service's state, as ministack's `_load_persisted_state` does.

    Raises:
        NotRestoredError: one could not be loaded.
    """
    from ministack.core import persistence  # noqa: PLC0415 - after the environment is set

    for key, module in emulator._state_map.items():  # noqa: SLF001
        path = Path(persistence.STATE_DIR) / f"{key}.json"
        if path.exists():
            with or_refuse(path):
                state = persistence.load_state(key)
                if state is None:
                    raise ValueError("ministack has logged why")
                if state:
                    emulator._get_module(module).load_persisted_state(state)  # noqa: SLF001


@contextlib.contextmanager
def or_refuse(what: Path) -> Iterator[None]:
    """Turn whatever goes wrong into a refusal to start; the log says what it was."""
    try:
        yield
    except Exception as error:
        _log.exception("%s could not be restored", what)
        raise NotRestoredError(what) from error
