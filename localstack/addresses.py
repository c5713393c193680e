"""The addresses of a running stack, for the person who started it."""

from __future__ import annotations

from localstack.stack import DEMO_LOGIN, REGION, Stack


def table(stack: Stack, manage: str, more: str) -> str:
    """Return where everything is, as lines of two columns.

    Args:
        stack: The stack.
        manage: How `manage.py` is called there.
        more: Commands that are worth knowing there.
    """
    email, password = DEMO_LOGIN
    rows = [
        ("API", f"{stack.api_url}/api/"),
        ("AWS", f"{stack.aws_url}   (key test, secret test, region {REGION})"),
        *_pages(stack.web_url),
        ("Demo login", f"{email} / {password}"),
        ("Upload a film", f"aws --endpoint-url {stack.aws_url} s3 cp film.mp4 s3://videoflix-uploads/"),
        ("See films", f"{manage} check_videos"),
        ("More", more),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n" + "\n".join(f"  {name:<{width}}  {value}" for name, value in rows) + "\n"


def _pages(web_url: str) -> list[tuple[str, str]]:
    if not web_url:
        return [("Web", "off")]
    return [("Web", web_url), ("Studio", f"{web_url}/studio/"), ("Mailbox", f"{web_url}/mailbox/")]
