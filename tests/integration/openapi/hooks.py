"""What the program that reads the document has to be told."""

import schemathesis

schemathesis.serializer.alias(["application/x-subrip", "text/srt"], "text/plain")


@schemathesis.hook
def before_call(_context, _case, kwargs) -> None:
    """Look at redirects, rather than at what other hosts answer."""
    kwargs["allow_redirects"] = False
