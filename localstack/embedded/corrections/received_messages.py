"""Restores: a message of which nobody is going to say that it was handled is handed out again.

ministack 1.5.33 keeps the messages that its own pollers had received hidden through a restart, for as long as the queue
says: a mail would wait for six minutes. These pollers died with the stack, which Lambda's on AWS do not.
"""

from __future__ import annotations

import time
from typing import Any


def install() -> None:
    """Show what was received as soon as the queues are loaded, before anybody polls them."""
    from ministack.services import sqs  # noqa: PLC0415 - after the environment is set

    load = sqs.load_persisted_state

    def load_and_show(data: dict[str, Any]) -> None:
        for queue in data["queues"].all_values():
            for message in queue["messages"]:
                if message.get("receipt_handle"):  # else it is one that its sender delayed
                    message["visible_at"] = min(message["visible_at"], time.time())
        load(data)

    sqs.load_persisted_state = load_and_show
