"""Files that an attacker, or a broken camera, uploads: a corpus that is made anew at each run, nothing of it is stored.

Each is a function named after what is wrong, with a sentence, in the file of its kind. A file that once broke something
stays here under its name. `make fuzz` makes more of those that a die decides about (`damage.py`).
"""

from tests.hostile_media import bombs, contents, damage, disguises, headers, times
from tests.hostile_media.corpus import CORPUS, MARK, Hostile, Workshop
from tests.hostile_media.seeds import SEEDS

__all__ = [
    "CORPUS",
    "MARK",
    "SEEDS",
    "Hostile",
    "Workshop",
    "bombs",
    "contents",
    "damage",
    "disguises",
    "headers",
    "times",
]
