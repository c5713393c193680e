"""docs/operating.md tells of every command there is, and of none that there is not."""

import re
from pathlib import Path

from functions.cli import frame
from localstack import mails

PAGE = (Path(__file__).parents[3] / "docs/operating.md").read_text(encoding="utf-8")


def commands() -> set[str]:
    (actions,) = [
        action for action in frame.parser([mails.add_commands])._actions if action.dest == "run" or action.choices
    ]
    return set(actions.choices)


def test_every_command_is_told_of():
    assert [name for name in commands() if not re.search(rf"\b{name}\b", PAGE)] == []


def test_no_other_command_is_shown():
    shown = set(re.findall(r"^\s*\$ manage\.py (\w+)", PAGE, re.MULTILINE))
    assert shown
    assert shown <= commands()
