"""The logo that travels with each mail."""

from pathlib import Path

LOGO = Path(__file__).parent / "templates" / "logo.png"

LOGO_CID = "logo@videoflix"
"""Content-ID (RFC 2392) under which the HTML refers to it."""
