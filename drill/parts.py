"""The parts of `make drill`, by the names that it is told."""

from __future__ import annotations

from typing import Final

MATRICES: Final = {
    "film": "a film's way from the bucket to the screen",
    "account": "an account's life",
    "upload": "a film that is sent in parts, captioned, replaced and deleted",
    "studio": "films that are sent in one piece, in a form and to fresh addresses, and encoded again",
    "poster": "another poster",
    "captions": "captions that are dropped beside a film",
    "leaving": "somebody who changes their password, takes their data along and leaves",
    "staff": "what staff does about people and about films that failed",
    "watchdog": "the watchdog's round, when an execution was lost and a deletion broken off",
    "tidying": "the watchdog's round, when others broke off and things have had their time",
    "refused": "a file that is no film",
    "arriving": "an empty file, and one that takes its place without a word",
    "damaged": "a film whose file breaks off, and the one that waits behind it",
    "twice": "a mail's message that comes twice",
}
"""Those that inject faults into calls of AWS, and what is done meanwhile."""

PARTS: Final = (*MATRICES, "events", "disk", "suites")
