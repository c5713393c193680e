"""The ffmpeg layer: /opt/bin/ffmpeg and /opt/bin/ffprobe.

`build` makes the zip from a pinned wheel and unpacks it for use outside Lambda. How ffmpeg is called lives in
functions/transcoding.
"""
