"""Processes as the system sees them (Linux): which there are below one, what each was told, who is gone."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A running process."""

    pid: int
    parent: int
    command: str

    def setting(self, name: str) -> str:
        """A variable of its environment; empty if there is none, or if it has ended."""
        try:
            words = (Path("/proc") / str(self.pid) / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return ""
        return next((word.partition("=")[2] for word in words if word.startswith(f"{name}=")), "")


def _all() -> Iterator[Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            facts = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended
        if facts[0] != "Z":
            yield Process(int(folder.name), int(facts[1]), command)


def below(pid: int) -> list[Process]:
    """The children of a process, their children and so on."""
    found, known = list(_all()), {pid}
    while more := {one.pid for one in found if one.parent in known} - known:
        known |= more
    return [one for one in found if one.pid in known and one.pid != pid]


def gone(pid: int) -> bool:
    """Whether a process has ended, also if nobody has asked for its exit code yet."""
    try:
        os.kill(pid, 0)
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
