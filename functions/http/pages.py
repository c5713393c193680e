"""The two small pages that mailed links lead to where there is no frontend. They need nothing from anywhere else."""

from collections.abc import Iterable
from html import escape

from functions.http.call import Answer, Call

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # The address holds a token, so it goes to no other site. (`no-referrer` would make the form's Origin `null`.)
    "Referrer-Policy": "same-origin",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Videoflix</title><style>
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: #141414; color: #fff;
  font: 18px/1.5 system-ui, sans-serif }}
main {{ max-width: 24rem; padding: 2rem; text-align: center }}
h1 {{ color: #e50914; font-size: 1.6rem }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; margin: .5rem 0; font: inherit }}
label {{ text-align: left }}
input, button {{ padding: .6rem; border: 0; border-radius: .3rem }}
button {{ background: #e50914; color: #fff; cursor: pointer }}
</style></head><body><main><h1>Videoflix</h1>{main}</main></body></html>
"""
_FORM = """<form method="post">
<label>New password <input type="password" name="new_password" autocomplete="new-password" required></label>
<label>The same again <input type="password" name="confirm_password" autocomplete="new-password" required></label>
<button>Set password</button></form>"""


def wanted(call: Call) -> bool:
    """Say whether a browser is asking for a page (programs send `*/*` or JSON)."""
    return "text/html" in call.headers.get("accept", "").lower()


def message(text: str, status: int) -> Answer:
    """Return a page with one sentence."""
    return _page(f'<p role="status">{escape(text)}</p>', status)


def password_form(errors: Iterable[str], status: int) -> Answer:
    """Return a page that asks for a new password and posts it to its own address."""
    return _page("".join(f'<p role="alert">{escape(text)}</p>' for text in errors) + _FORM, status)


def _page(main: str, status: int) -> Answer:
    return Answer(_PAGE.format(main=main), status, _HEADERS)
