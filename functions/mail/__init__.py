"""Mails: the outbox that requests use, templates, and the sending that the mail Lambda does, once per occasion.

`kinds.py` has the words, `outbox.py` puts a mail on the queue (cheap: the API imports it), `sending.py` takes it from
there: `rendering.py` (Jinja2), `mime.py` (the message), `ledger.py` (what was sent). Knows only the ground floor.
"""
