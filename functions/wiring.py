"""Where the doors (HTTP routes, event functions) reach the domain: `wiring.playlists.media_playlist(...)`.

A module is imported when it is first named here. All Lambdas import app.py, so this is what keeps the transcoder out
of an API request's cold start, and passwords and tokens out of an encoding's: each pays only for its own work.
"""

# ruff: noqa: PLC0414 - "import x as x" is how a name is handed on to a type checker (PEP 484)

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions import readiness as readiness
    from functions.accounts import addresses as addresses
    from functions.accounts import directory as directory
    from functions.accounts import limits as limits
    from functions.accounts import links as links
    from functions.accounts import password_rules as password_rules
    from functions.accounts import people as people
    from functions.accounts import personal_data as personal_data
    from functions.accounts import recovery as recovery
    from functions.accounts import registration as registration
    from functions.accounts import signing_in as signing_in
    from functions.accounts import tokens as tokens
    from functions.captions import beside as beside
    from functions.captions import keeping as keeping
    from functions.captions import reading as reading
    from functions.catalogue import access as access
    from functions.catalogue import deletion as deletion
    from functions.catalogue import editing as editing
    from functions.catalogue import film as film
    from functions.catalogue import languages as languages
    from functions.catalogue import making as making
    from functions.catalogue import plans as plans
    from functions.catalogue import positions as positions
    from functions.catalogue import queries as queries
    from functions.catalogue import reservation as reservation
    from functions.catalogue import store as store
    from functions.catalogue import text as text
    from functions.catalogue import wishes as wishes
    from functions.delivery import offers as offers
    from functions.delivery import playlists as playlists
    from functions.delivery import segments as segments
    from functions.delivery import storyboards as storyboards
    from functions.delivery import thumbnails as thumbnails
    from functions.mail import sending as sending
    from functions.operations import encoding as encoding
    from functions.operations import subject_requests as subject_requests
    from functions.transcoding import dispatch as dispatch
    from functions.transcoding import ingest as ingest
    from functions.transcoding import ladder as ladder
    from functions.transcoding import steps as steps
    from functions.transcoding import watchdog as watchdog
    from functions.uploads import beginning as beginning
    from functions.uploads import direct as direct
    from functions.uploads import multipart as multipart
    from functions.uploads import quota as quota

_FOLDERS = {
    "functions": ["readiness"],
    "functions.accounts": [
        "addresses",
        "directory",
        "limits",
        "links",
        "password_rules",
        "people",
        "personal_data",
        "recovery",
        "registration",
        "signing_in",
        "tokens",
    ],
    "functions.captions": ["beside", "keeping", "reading"],
    "functions.catalogue": [
        "access",
        "deletion",
        "editing",
        "film",
        "languages",
        "making",
        "plans",
        "positions",
        "queries",
        "reservation",
        "store",
        "text",
        "wishes",
    ],
    "functions.delivery": ["offers", "playlists", "segments", "storyboards", "thumbnails"],
    "functions.mail": ["sending"],
    "functions.operations": ["encoding", "subject_requests"],
    "functions.transcoding": ["dispatch", "ingest", "ladder", "steps", "watchdog"],
    "functions.uploads": ["beginning", "direct", "multipart", "quota"],
}
_MODULES = {name: f"{folder}.{name}" for folder, names in _FOLDERS.items() for name in names}


def __getattr__(name: str) -> ModuleType:
    if name not in _MODULES:
        raise AttributeError(name)
    return importlib.import_module(_MODULES[name])
