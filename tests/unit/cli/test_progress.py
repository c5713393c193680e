"""Long work shows how far it is to a person at a terminal, and leaves a program's output clean."""

import io
from types import SimpleNamespace

import pytest

from functions.cli import progress
from functions.cli.progress import Bar, counted


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    seen = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=seen))  # pytest puts its own into the real one
    return seen


def test_a_bar_grows_to_its_end_on_one_line(terminal):
    with Bar("Uploading", 200) as bar:
        for _ in range(4):
            bar.add(50)
    steps = terminal.getvalue().split("\r")[1:]
    assert [step.split("]")[1].strip() for step in steps] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert terminal.getvalue().count("\n") == 1


def test_an_empty_file_is_done_at_once(terminal):
    with Bar("Uploading", 0):
        pass
    assert "100 %" in terminal.getvalue()


def test_what_is_read_is_counted_and_handed_on(terminal):
    assert list(counted("Videos:", iter("abc"))) == ["a", "b", "c"]
    assert terminal.getvalue() == "\rVideos: 1\rVideos: 2\rVideos: 3\n"


def test_without_a_terminal_nothing_is_printed(capsys):
    with Bar("Uploading", 10) as bar:
        bar.add(10)
    assert list(counted("Videos:", [1])) == [1]
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
