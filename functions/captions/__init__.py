"""Captions: files in WebVTT or SubRip made into clean WebVTT, kept with their film, found beside its source.

`reading` makes a track of a file's bytes, with `webvtt` and `subrip` for the two formats and `cue_text` for what a cue
says; `keeping` stores it with the film; `beside` sees to files in the uploads bucket.
"""
