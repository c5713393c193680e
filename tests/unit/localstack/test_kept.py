"""Files of the state folder: how they are replaced, and what there is no room to make shorter."""

import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace

from localstack.embedded.corrections import sent_mail
from localstack.embedded.corrections.sent_mail import SentMail
from localstack.embedded.snapshots import write_whole


def test_a_file_is_on_the_disk_before_it_takes_the_place_of_the_old_one(tmp_path, monkeypatch):
    """Else a power cut leaves an empty one, and what it covers is deleted by then."""
    done = []
    replace = Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: done.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"))
    monkeypatch.setattr(Path, "replace", lambda self, to: (done.append("replaced"), replace(self, to)))
    write_whole(tmp_path / "kept.json", b"{}")
    assert (tmp_path / "kept.json").read_bytes() == b"{}"
    assert done == ["file", "replaced", "folder"]


def test_mails_are_there_although_their_file_cannot_be_made_shorter(tmp_path, monkeypatch):
    path, store = tmp_path / "sent-mail.kept", SimpleNamespace(_data={})
    path.write_text(json.dumps(["1", "eu", {"MessageId": "m"}]) + "\n")
    monkeypatch.setattr(sent_mail, "_store", lambda: store)
    monkeypatch.setattr(sent_mail, "write_whole", _full_disk)
    SentMail(path).load()
    assert store._data == {("1", "eu", "entries"): [{"MessageId": "m"}]}


def _full_disk(*_arguments):
    raise OSError(28, "No space left on device")
