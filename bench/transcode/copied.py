"""CPU seconds of a film whose own picture becomes the highest rendition, against a process for each rendition.

Reading the film beforehand, which decides that it may be copied, is part of it. A film that does not qualify is first
encoded as cameras and editors do it: keyframes every four seconds, about the ladder's bit rate.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.transcode import ours, reference, shelf, tools
from bench.transcode.report import Report, median

MOST = 0.45


def measure(file: Path, rounds: int, report: Report) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        folder = Path(name)
        film = ours.planned(file)
        if not film.plan.renditions[0].copied:
            print("this film does not qualify: the log says why; a copy of it that does is made first", flush=True)
            film = ours.planned(_usual(file, folder))
        encoding, checking, each = [], [], []
        for turn in range(rounds):
            kept = shelf.empty(folder / "ours")
            planning = tools.spent(lambda: ours.planned(film.file))
            encoded, made = ours.encode_all(film, kept)
            encoding.append(planning.tools + encoded.tools)
            checking.append(ours.audit_all(film, kept, made).tools)
            each.append(reference.each_alone(film.file, film.plan, shelf.empty(folder / "each").folder))
            print(
                f"round {turn + 1}, CPU seconds: copied {encoding[-1]:.2f} (of it reading beforehand "
                f"{planning.tools:.2f}), one process per rendition {each[-1]:.2f}, audit {checking[-1]:.2f}",
                flush=True,
            )
    report.figures |= {"copied_cpu": median(encoding), "copied_audit_cpu": median(checking), "each_cpu": median(each)}
    report.claim("copied top / one process per rendition", median(encoding) / median(each), MOST)


def _usual(file: Path, folder: Path) -> Path:
    target = folder / "usual.mp4"
    tools.ffmpeg("-i", str(file), "-map", "0:v:0", "-map", "0:a:0?", "-c:v", "libx264", "-crf", "20", "-maxrate", "6M",
                 "-bufsize", "12M", "-g", "96", "-bf", "2", "-x264-params", "b-pyramid=none:scenecut=0", "-pix_fmt",
                 "yuv420p", "-c:a", "copy", str(target))  # fmt: skip
    return target
