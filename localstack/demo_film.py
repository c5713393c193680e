"""The demo film: ffmpeg itself draws it, so the repository holds no film and nobody's rights are touched.

A flight into the Mandelbrot set, tinted by a slow gradient, with a chord underneath. 1080p24, so that all three
rungs are encoded, and 8 seconds, so that a first `make up` stays short.
"""

import subprocess
from pathlib import Path

SECONDS = 8
KEY = "demo/Into the Mandelbrot set.mp4"
METADATA = {"title": "Into the Mandelbrot set", "category": "documentary", "publish": "true"}

_FLIGHT = (
    f"mandelbrot=size=960x540:rate=24:start_scale=2.2:end_scale=0.004:end_pts={SECONDS * 24}:maxiter=220"
    ":inner=mincol:outer=normalized_iteration_count:start_x=-0.7436438870371587:start_y=-0.1318259042053120"
)
_TINT = (
    f"gradients=size=960x540:rate=24:duration={SECONDS}:nb_colors=4"
    ":c0=0xe50914:c1=0xff6a00:c2=0xc2185b:c3=0x7b1fa2:seed=3:speed=0.01:type=linear"
)
_SWELL = "(0.6+0.4*sin(2*PI*0.25*t))"
_BELL = "exp(-3*mod(t,0.75))"
_CHORD = (
    f"aevalsrc='0.10*sin(2*PI*110*t)*{_SWELL}+0.07*sin(2*PI*220*t)+0.05*sin(2*PI*440*t)*{_BELL}"
    f"|0.10*sin(2*PI*110.5*t)*{_SWELL}+0.06*sin(2*PI*277.18*t)+0.05*sin(2*PI*554.37*t)*{_BELL}'"
    f":s=48000:d={SECONDS}"
)
_GRAPH = (
    "[0:v]format=gray,format=gbrp[flight];[1:v]format=gbrp[tint];"
    "[flight][tint]blend=all_mode=multiply,scale=1920:1080:flags=bicubic,format=yuv420p[picture];"
    f"[2:a]afade=in:d=1,afade=out:st={SECONDS - 1}:d=1[sound]"
)


def draw(target: Path, *, ffmpeg: Path) -> None:
    """Draw the film into `target` (MP4, about 15 MB; some 10 CPU seconds).

    Raises:
        subprocess.CalledProcessError: ffmpeg failed; `stderr` says why.
    """
    inputs = [part for source in (_FLIGHT, _TINT, _CHORD) for part in ("-f", "lavfi", "-i", source)]
    # a large file, that is encoded again at once: a better preset takes as long as all the drawing
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-c:a", "aac", "-b:a", "128k"]
    command = [str(ffmpeg), "-v", "error", "-nostdin", "-y", *inputs, "-filter_complex", _GRAPH]
    command += ["-map", "[picture]", "-map", "[sound]", "-t", str(SECONDS), *encode, "-movflags", "+faststart"]
    subprocess.run([*command, str(target)], check=True, capture_output=True)
