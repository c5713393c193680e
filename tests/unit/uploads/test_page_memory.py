"""What the page notes of unfinished uploads in the browser, run by the Node.js that Playwright brings along."""

import json
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

MODULE = Path(__file__).parents[3] / "web" / "js" / "upload" / "memory.js"
CALL = """
const [module, said] = process.argv.slice(1);
const { notes, file } = JSON.parse(said);
globalThis.localStorage = { getItem: () => JSON.stringify(notes) };
const { isUploadOf, newFilmOf } = await import(module);
console.log(JSON.stringify([newFilmOf(file), isUploadOf(7, file)]));
"""
FILE = {"name": "X.mp4", "size": 3, "lastModified": 1}
SIGNATURE = json.dumps(list(FILE.values()), separators=(",", ":"))


def found(note: object) -> list[object]:
    """Which new film the file was begun for, and whether it is film 7's latest upload, by what is noted of film 7."""
    node, _ = compute_driver_executable()
    argv = [node, "--input-type=module", "-e", CALL, MODULE.as_uri(), json.dumps({"notes": {"7": note}, "file": FILE})]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    answer: list[object] = json.loads(done.stdout)
    return answer


def test_an_upload_that_a_page_of_before_30_november_began_goes_on() -> None:
    """It was announced a second time as another film, and what had arrived was sent again."""
    assert found(SIGNATURE) == [7, True]


def test_a_file_that_replaces_a_films_own_begins_no_new_film() -> None:
    assert found({"file": SIGNATURE, "isReplacing": True}) == [None, True]
