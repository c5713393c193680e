"""People: who they are, how they prove it, their sessions, one-time links and limits.

Knows only the ground floor and `mail`. Nothing of films, nothing of HTTP.
"""
