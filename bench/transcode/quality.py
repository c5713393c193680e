"""How like the source each rendition is (SSIM), against the plain command for that rendition alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.transcode import ours, reference, shelf, tools
from bench.transcode.report import Report
from functions.transcoding.plan import RenditionPlan

WITHIN = 0.003
# the same words on both sides: ffmpeg would convert the colours of one that is tagged otherwise before it compares
_TAGS = "setparams=range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
_ALL = re.compile(r"SSIM .*All:([0-9.]+)")


def measure(file: Path, report: Report) -> None:
    """Measure and print."""
    film = ours.subject(file)
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        kept = shelf.empty(Path(name) / "ours")
        ours.encode_all(film, kept)
        for made in film.plan.renditions:
            mine = ssim(kept.stored(made.name, len(film.plan.starts)), film.file, made)
            plain = ssim(reference_segments(film, made, Path(name) / made.name), film.file, made)
            report.line(f"{made.name}: SSIM {mine:.4f}, the plain command {plain:.4f}")
            # better is no fault
            report.claim(f"{made.name}, SSIM lost", plain - mine, WITHIN)


def reference_segments(film: ours.Subject, made: RenditionPlan, folder: Path) -> list[Path]:
    """Return the segments that the plain command makes of a film."""
    target = shelf.empty(folder).folder
    reference.rendition(film.file, film.plan, made, target)
    return sorted(target.glob("*.ts"))


def ssim(segments: Sequence[Path], film: Path, made: RenditionPlan) -> float:
    """Return the SSIM of a rendition, frame by frame against the source scaled to its size; 1 is the same."""
    scaled = f"{_TAGS},scale={made.width}:{made.height}:flags=bicubic,setsar=1,format=yuv420p,settb=1/1000,setpts=N"
    graph = f"[1:v:0]{scaled}[source];[0:v]{_TAGS},settb=1/1000,setpts=N[made];[made][source]ssim=shortest=1"
    with tempfile.NamedTemporaryFile(suffix=".ts") as whole:
        for segment in segments:
            whole.write(segment.read_bytes())
        whole.flush()
        said = tools.ffmpeg("-i", whole.name, "-i", str(film), "-lavfi", graph, "-f", "null", "-", level="info")
    found = _ALL.search(said)
    if found is None:
        raise RuntimeError("ffmpeg did not say how alike they are")
    return float(found.group(1))
