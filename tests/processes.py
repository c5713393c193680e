"""Processes as the system sees them (Linux): which there are below one, what each was told, who is gone."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A running process."""

    pid: int
    parent: int
    command: str

    @property
    def environment(self) -> list[str]:
        """Its variables, as `NAME=value`; empty if it has ended."""
        try:
            return (Path("/proc") / str(self.pid) / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []

    def setting(self, name: str) -> str:
        """A variable of its environment; empty if there is none, or if it has ended."""
        return next((word.partition("=")[2] for word in self.environment if word.startswith(f"{name}=")), "")

    def names(self, folder: Path) -> bool:
        """Whether it was told of the folder, or of something in it."""
        return any(f"{folder}/" in f"{told}/" for told in [*self.command.split(" "), *self.environment])


def _parents() -> dict[int, int]:
    """Each running process, and its parent."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            if state != "Z":
                parents[int(folder.name)] = int(parent)
    return parents


def below(pid: int) -> list[Process]:
    """The children of a process, their children and so on."""
    parents, known = _parents(), {pid}
    while more := {one for one, parent in parents.items() if parent in known} - known:
        known |= more
    return _described({one: parents[one] for one in known & parents.keys() - {pid}})


def told_of(folder: Path) -> list[Process]:
    """Who was told of a folder; not this process, nor who started it."""
    parents, me = _parents(), os.getpid()
    while me in parents:
        me = parents.pop(me)
    return [one for one in _described(parents) if one.names(folder)]


def _described(parents: dict[int, int]) -> list[Process]:
    found = []
    for pid, parent in sorted(parents.items()):
        with contextlib.suppress(OSError):  # it has ended
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found.append(Process(pid, parent, command))
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended with all of its threads, also if nobody has asked for its exit code yet.

    A thread that waits for a disk ends later than the rest, and until then files stay open and locks are held.
    """
    process = Path("/proc") / str(pid)
    try:
        os.kill(pid, 0)
        ended = (process / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        return ended and len(list((process / "task").iterdir())) == 1
    except ProcessLookupError:
        return True
    except OSError:
        return Path("/proc/self").exists()  # between the two; else this is no Linux, and it runs
