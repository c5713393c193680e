"""E-mail addresses: one spelling each."""

import re

# The form of HTML's <input type=email> (WHATWG, "valid e-mail address"), with a dot in the domain required. Narrower
# where no mail could be written to it: before the @ dots stand one by one between other characters (RFC 5322, section
# 3.2.3), and nothing looks like an encoded word (RFC 2047, section 5, allows none in an address).
# ASCII only, and checked before lower-casing: the Kelvin sign's lower case is a plain "k", so that checking
# afterwards would let one person receive another's mail (the GitHub password reset fault of 2019).
_FORM = re.compile(
    r"(?=[^@]{1,64}@)(?!.*=\?)[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+"
)
LONGEST = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets


def normalise(text: str) -> str | None:
    """Return the address trimmed and in lower case, or None when it has not the form of one."""
    text = text.strip()
    if len(text) > LONGEST or not _FORM.fullmatch(text):
        return None
    return text.lower()
