"""How the catalogue writes: under conditions, several items at once or none."""

import random
import time
from collections.abc import Callable

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from functions import dynamodb


def attempt(conditional: Callable[[], object]) -> bool:
    """Run a conditional write; False if the condition did not hold, or somebody else's transaction was in the way."""
    try:
        conditional()
    except (PutError, UpdateError, DeleteError, TransactWriteError) as error:
        codes = {error.cause_response_code}
        if isinstance(error, TransactWriteError):
            codes |= {reason.code for reason in error.cancellation_reasons if reason}
            codes.discard("TransactionCanceledException")
        codes.discard("None")
        if codes and codes <= {"ConditionalCheckFailedException", "ConditionalCheckFailed"}:
            return False
        if codes & {"TransactionConflictException", "TransactionConflict"}:
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - spreads two writers, guards no secret
            return False
        raise
    return True


def transaction() -> TransactWrite:
    """Return a transaction of DynamoDB, to be filled in a `with` block."""
    return TransactWrite(connection=dynamodb.connection())
