"""`manage.py mails`: what a local stack would have delivered.

It stands here and not in `functions/cli`, because only the emulators keep mails: code that AWS runs knows of none.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict

from localstack import mailbox
from localstack.mailbox import Mail


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `mails` to the operator's commands."""
    command = commands.add_parser("mails", help="show the mails that a local stack kept, oldest first")
    command.add_argument("--to", metavar="ADDRESS", help="only mails to this address")
    command.add_argument("--json", action="store_true", help="a bare array of {to, subject, text, html}")
    command.set_defaults(run=_run)


def _run(wanted: argparse.Namespace) -> int:
    try:
        mails = mailbox.read(os.environ.get("AWS_ENDPOINT_URL", ""))
    except mailbox.MailboxError as error:
        print(error, file=sys.stderr)
        return 1
    if wanted.to:
        mails = [mail for mail in mails if mail.to.lower() == wanted.to.strip().lower()]
    print(_as_json(mails) if wanted.json else _as_text(mails))
    return 0


def _as_json(mails: list[Mail]) -> str:
    shown = ("to", "subject", "text", "html")
    return json.dumps([{name: asdict(mail)[name] for name in shown} for mail in mails], ensure_ascii=False, indent=2)


def _as_text(mails: list[Mail]) -> str:
    if not mails:
        return "No mails."
    blocks = [f"{mail.sent_at}\nTo: {mail.to}\nSubject: {mail.subject}\n\n{mail.text.strip()}" for mail in mails]
    return f"\n\n{'=' * 72}\n".join(blocks)
