"""One client of DynamoDB for all tables of a process.

PynamoDB gives each model a session and a client of its own. Making them reads the same descriptions of AWS anew, some
60 ms of CPU, which a cold start paid again for each kind of item that its first request touched.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pynamodb.connection import Connection
from pynamodb.models import Model

from functions import aws

if TYPE_CHECKING:
    from pynamodb.connection import TableConnection


@functools.cache
def connection() -> Connection:
    """Return the connection whose client all others use, too."""
    made = Connection()
    made._local.session = aws.session()  # noqa: SLF001 - PynamoDB has no other way to give it one
    return made


class Item(Model):
    """What the models of all tables share."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        # a connection knows the indexes of its model, so that one for all would not do
        table.connection._client = connection().client  # noqa: SLF001 - see above
        return table
