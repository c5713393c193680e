"""Mails as people read them."""

import re
from urllib.parse import parse_qs, urlsplit


def link(text: str, page: str) -> tuple[str, str]:
    """The uid and token of the link to a page that a mail's plain text carries, as a person would copy them."""
    address = re.search(rf"http\S+{re.escape(page)}\S+", text)
    assert address, f"no link to {page} in this mail:\n{text}"
    query = parse_qs(urlsplit(address.group()).query)
    return query["uid"][0], query["token"][0]
