"""Queues as whoever works on them sees them."""

import json
from typing import Any

from functions import aws


def taken(queue: str) -> list[dict[str, Any]]:
    """Take all that waits on a queue of the AWS that this process talks to, in order.

    What were only read would be there again after 30 s.
    """
    url, found = aws.queue_url(queue), []
    while messages := aws.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            aws.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found
