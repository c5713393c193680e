"""Where requests leave mails: one message on the mail queue, so that no request waits for a mail or shows one."""

from collections.abc import Mapping

from functions import aws, log, settings
from functions.mail.kinds import NEEDED, MailKind


def send(kind: MailKind, *, to: str, key: str, context: Mapping[str, str]) -> None:
    """Have a mail sent, once, soon after this returns.

    A call that must not tell whether an address is known (OWASP, forgot-password cheat sheet: same time, same
    steps) makes exactly the same call for an unknown address, with a link of the same form and with
    `MailKind.NOTHING` as its kind: the same one SQS call is made with a message of the same length, which holds
    neither the address nor the link, and the Lambda drops it. The log gets the same line of both: their kind and key.

    Args:
        kind: The occasion.
        to: One address.
        key: Names the occasion, at most 512 characters; however often it is used within 30 days, one mail is sent.
            A second mail of the same kind (a resent activation) needs another key. It is logged and kept, so it
            holds ids and hashes, never an address and never a token.
        context: What the mail says: see `kinds.NEEDED`. Plain text; the templates escape it.

    Raises:
        ValueError: the context lacks what this kind needs, or the key is empty or too long.
    """
    lacking = NEEDED[kind] - context.keys()
    if lacking:
        raise ValueError(f"a mail of kind {kind} needs {', '.join(sorted(lacking))}")
    if not 0 < len(key) <= 512:  # noqa: PLR2004 - with its prefix far below DynamoDB's 2,048 bytes of a partition key
        raise ValueError("a mail's key has 1 to 512 characters")
    if kind is MailKind.NOTHING:
        to, context = "-" * len(to), {name: "-" * len(text) for name, text in context.items()}
    message: dict[str, object] = {"kind": kind.value, "to": to, "key": key, "context": dict(context)}
    aws.enqueue(settings.current().mail_queue, message)
    log.info("mail_queued", kind=kind.value, key=key)
