"""Videoflix: the one package that every Lambda runs.

A folder per area; `docs/architecture.md` shows them and who may import whom.
"""
