"""A message of the mail queue that comes twice, as SQS may deliver it."""

from __future__ import annotations

from typing import ClassVar

from drill.journeys import Journey, address
from drill.site import Site
from functions.mail import outbox
from functions.mail.kinds import MailKind


class Twice(Journey):
    """Two messages about one occasion; that one mail comes of them, `order` looks at."""

    functions: ClassVar[tuple[str, ...]] = ("send_mail",)

    def run(self, site: Site, mark: str) -> None:
        """Queue both, to somebody called `mark`."""
        for _ in range(2):
            outbox.send(MailKind.VIDEO_READY, to=address(mark), key=f"drill:{mark}", context={"title": mark})
        site.mail(address(mark), mark)
