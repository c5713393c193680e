"""New passwords: by a mailed link when the old one is forgotten, or by giving the old one."""

from __future__ import annotations

import time

from botocore.exceptions import BotoCoreError, ClientError

from functions import log
from functions.accounts import addresses, lifetimes, limits, links, passwords, people
from functions.accounts.limits import Counter
from functions.accounts.registration import MAILS_AN_HOUR
from functions.accounts.rows import PersonRow, update_if
from functions.errors import InvalidInputError
from functions.mail import outbox
from functions.mail.kinds import MailKind

LINK_IS_DEAD = "Invalid or expired password reset token."


def request_reset(email: str, client_ip: str) -> None:
    """Mail a link that sets a new password, if there is an active account with this address.

    The same calls are made when there is none, or when its mailbox got enough of them (OWASP forgot-password cheat
    sheet), and the mail itself leaves later from a queue: neither answer nor time tells.

    Raises:
        ThrottledError: too many of these from this network.
    """
    limits.hit("password-reset", limits.network(client_ip), 10)
    address = addresses.normalise(email) or ""
    row = people.row_by_email(address)
    has_room = Counter("password-reset-mail", address, MAILS_AN_HOUR, limits.HOUR).has_room()
    wanted = row if row and row.is_active and has_room else None
    person_id, generation = (int(wanted.person_id), int(wanted.generation)) if wanted else (0, 0)
    expires_at = int(time.time()) + lifetimes.RESET
    token = links.issue("reset", person_id, generation=generation, expires_at=expires_at)
    outbox.send(
        MailKind.RESET_PASSWORD if wanted else MailKind.NOTHING,
        to=address,
        key=f"reset-{person_id}-{links.digest(token)}",
        context={"link": links.url("reset", person_id, token), "hours": str(lifetimes.RESET // 3600)},
    )


def confirm_reset(uidb64: str, token: str, new_password: str) -> None:
    """Set a new password by a mailed link. Works once; every session and every other link of the person ends.

    Raises:
        InvalidInputError: the link is not, or no longer, valid.
    """
    found = links.find("reset", uidb64, token)
    if found is None:
        raise InvalidInputError({"token": [LINK_IS_DEAD]})
    person, link = found
    # what the link was made for is over: it was used, the password changed otherwise, or the account deactivated
    if not person.is_active or person.generation != link.generation or not _replace(person, new_password):
        raise InvalidInputError({"token": [LINK_IS_DEAD]})


def change(person_id: int, current: str, new_password: str) -> None:
    """Set a new password by giving the current one. Every session and every reset link of the person ends.

    Raises:
        InvalidInputError: the current password is another.
        ThrottledError: too many wrong ones.
    """
    row = prove(person_id, current, field="current_password")
    if not _replace(row, new_password):
        raise InvalidInputError("The password was changed at the same moment.")


def prove(person_id: int, password: str, *, field: str) -> PersonRow:
    """Return the row of a person who gives their password again before something grave (OWASP ASVS 5.0, 7.5.1).

    Args:
        person_id: Who is logged in.
        password: What they gave.
        field: The field that a refusal names.

    Raises:
        InvalidInputError: it is another.
        ThrottledError: too many wrong ones; whoever found an open session must not guess.
    """
    failures = Counter("password", str(person_id), 5, limits.MINUTE)
    limits.refuse_if_full([failures])
    row = people.row_of(person_id)
    if row is None or not passwords.verify(password, row.password):
        failures.hit()
        raise InvalidInputError({field: ["The password is wrong."]})
    limits.refuse_if_full([failures])  # full by now: a right guess among many at once must not show
    return row


def _replace(row: PersonRow, new_password: str) -> bool:
    """Set the password and end everything, unless something ended it before; of two at the same moment one succeeds."""
    made = passwords.make(new_password)
    actions = [PersonRow.password.set(made), *people.end_everything()]
    is_active = PersonRow.is_active == True  # noqa: E712 - builds a condition
    if update_if(row, actions, (PersonRow.generation == int(row.generation)) & is_active):
        _tell(row)
        return True
    now = people.row_of(int(row.person_id))
    if now is None or now.password != made:  # two salted hashes: nothing to be learned from how long this takes
        return False
    _tell(now)  # our own write, sent again by the client because its answer was lost
    return True


def _tell(row: PersonRow) -> None:
    try:
        outbox.send(
            MailKind.PASSWORD_CHANGED,
            to=row.email,
            key=f"password-{int(row.person_id)}-{int(row.generation)}",
            context={},
        )
    except (BotoCoreError, ClientError):  # the password is changed; saying otherwise would be worse than no mail
        log.exception("password_mail_failed", person_id=int(row.person_id))
