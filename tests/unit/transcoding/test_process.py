"""Children: none outlives us, none is heard on our standard output, none takes what is not its to take."""

import hashlib
import os
import sys
import time
from pathlib import Path

import pytest

from functions.transcoding import process
from tests.processes import gone

pytestmark = pytest.mark.slow  # starts processes


def _python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def _dies(pid: int) -> bool:
    """A signal is on its way for a moment."""
    end = time.monotonic() + 20
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return gone(pid)


def _pid(file: Path) -> int:
    while not file.exists() or not file.read_text():
        time.sleep(0.01)
    return int(file.read_text())


_GRANDPARENT = """
import subprocess, sys, time, os
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1] + ".part", "w") as file:
    file.write(str(child.pid))
os.rename(sys.argv[1] + ".part", sys.argv[1])
time.sleep(600)
"""


def test_a_tool_answers_with_its_code_and_what_it_printed() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert process.run(_python(code), seconds=30) == process.Finished(3, "out\n", "err")


def test_what_a_tool_prints_never_reaches_our_own_output(capfd: pytest.CaptureFixture[str]) -> None:
    """On the embedded stack it would be read as the function's answer."""
    process.run(_python("import sys; print('x' * 100); print('y', file=sys.stderr)"), seconds=30)
    assert capfd.readouterr() == ("", "")


def test_a_tool_sees_no_credentials_and_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("http_proxy", "http://proxy.invalid")
    done = process.run(_python("import os; print(sorted(os.environ))"), seconds=30)
    assert "AWS" not in done.output
    assert "proxy" not in done.output


def test_a_tool_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(process.TooSlowError):
        process.run(_python(_GRANDPARENT, str(note)), seconds=1.5)
    assert _dies(_pid(note))


def test_the_end_of_a_tool_is_noticed_at_once_and_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """subprocess looks every 50 ms; a film is worth a dozen tools, most of which take less than that."""
    slept: list[float] = []
    sleep = time.sleep

    def noted(seconds: float) -> None:
        slept.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", noted)
    assert process.run(_python("import time; time.sleep(0.5)"), seconds=30).code == 0
    assert sum(slept) < 0.25, "it looked for the end while the tool ran"


def test_whoever_waits_can_stop_the_tool(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def check() -> None:
        if note.exists():
            raise KeyError("enough")

    with pytest.raises(KeyError):
        process.run(_python(_GRANDPARENT, str(note)), seconds=60, check=check)
    assert _dies(_pid(note))


def test_endless_output_fills_no_memory() -> None:
    code = "import sys\nfor _ in range(3000): sys.stdout.write('x' * 1000); sys.stderr.write('e' * 1000)"
    done = process.run(_python(code), seconds=60)
    assert done.code == 0
    assert len(done.output) == 2 << 20
    assert len(done.errors) < 100_000


def test_the_cause_and_the_last_words_of_many_errors_are_kept() -> None:
    code = "import sys\nfor n in range(1000): print('error', n, file=sys.stderr)"
    lines = process.run(_python(code), seconds=60).errors.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("error 0", "error 999", 120)


def test_a_file_of_a_child_has_a_largest_size(tmp_path: Path) -> None:
    code = "import sys\nwith open(sys.argv[1], 'wb') as f: f.truncate(200 << 20)"
    assert process.run(_python(code, str(tmp_path / "large")), seconds=60).code != 0


def test_a_child_cannot_take_more_memory_than_it_is_given() -> None:
    hungry = _python("print(len(bytearray(500 << 20)))")
    assert process.run(hungry, seconds=60).output == f"{500 << 20}\n"
    assert process.run(hungry, seconds=60, memory=300 << 20).code != 0


def test_a_paused_child_rests_until_it_may_go_on(tmp_path: Path) -> None:
    code = "import time\nwhile True: time.sleep(0.01)"
    with process.start(_python(code)) as child:
        status = Path(f"/proc/{child._process.pid}/stat")

        def state() -> str:
            return status.read_text().rsplit(")", 1)[1].split()[0]

        child.pause()
        while state() != "T":
            child.wait(0.01)
        child.resume()
        while state() == "T":
            child.wait(0.01)
    assert _dies(child._process.pid)


_COUNT = "import sys; print(len(sys.stdin.buffer.read()))"


def test_what_is_fed_arrives_whole() -> None:
    feed = (bytes([number % 256]) * 100_000 for number in range(50))
    code = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    expected = hashlib.sha256(b"".join(bytes([number % 256]) * 100_000 for number in range(50))).hexdigest()
    assert process.run(_python(code), seconds=60, feed=feed).output.strip() == expected


def test_nothing_to_feed_is_an_empty_input_and_no_feed_is_none_at_all() -> None:
    assert process.run(_python(_COUNT), seconds=60, feed=[]).output == "0\n"
    assert process.run(_python(_COUNT), seconds=60).output == "0\n"


def test_what_the_feeder_raises_is_raised_where_one_waits() -> None:
    """A store that hands nothing out would look like a short film."""

    def feed():
        yield b"x" * 1000
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        process.run(_python(_COUNT), seconds=60, feed=feed())


def test_a_child_that_stops_reading_stops_the_feed_and_tells_by_its_code() -> None:
    fed = []

    def feed():
        for number in range(10_000):
            fed.append(number)
            yield b"x" * 100_000

    done = process.run(_python("import sys; sys.stdin.buffer.read(10); sys.exit(7)"), seconds=60, feed=feed())
    assert done.code == 7
    assert len(fed) < 10_000


def test_a_child_that_reads_nothing_and_does_not_end_is_ended_in_time() -> None:
    with pytest.raises(process.TooSlowError):
        process.run(_python("import time; time.sleep(600)"), seconds=0.5, feed=iter([b"x" * (10 << 20)]))


def test_the_layers_tool_is_preferred_and_a_missing_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, other = tmp_path / "opt", tmp_path / "bin"
    for folder in (layer, other):
        folder.mkdir()
        (folder / "ffmpeg").write_text("#!/bin/sh\n")
        (folder / "ffmpeg").chmod(0o755)
    monkeypatch.setattr(process, "_LAYER", layer)
    monkeypatch.setenv("PATH", str(other))
    assert process.executable("ffmpeg") == str(layer / "ffmpeg")
    (layer / "ffmpeg").unlink()
    assert process.executable("ffmpeg") == str(other / "ffmpeg")
    with pytest.raises(FileNotFoundError, match="ffprobe"):
        process.executable("ffprobe")


def test_nothing_is_limited_where_there_is_no_posix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    assert process._limited(["ffmpeg.exe", "-v"], 1 << 30) == ["ffmpeg.exe", "-v"]


def test_a_child_starts_also_when_the_folder_we_are_in_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment may have removed it, and a child that starts nowhere cannot even find out where it is."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    done = process.run(_python("import os; print(os.getcwd())"), seconds=20)
    assert (done.code, done.output.strip()) == (0, Path(sys.executable).anchor), done.errors
    # back before pytest asks where it is
    os.chdir(tmp_path)
