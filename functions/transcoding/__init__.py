"""From an uploaded object to a playable film: ingest, probe, plan, encode, pictures, publish, watchdog.

Planning is pure; running ffmpeg is thin. Nothing of HTTP.
"""
