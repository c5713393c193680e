"""Whatever AWS says, an operator reads one sentence."""

from infra import command


def test_a_file_that_s3_refuses_is_a_sentence(account, tmp_path, monkeypatch, capsys):
    """boto3's own transfer raises another kind of error than its clients do."""
    layer = tmp_path / "layer.zip"
    layer.write_bytes(b"zip")
    monkeypatch.setattr("infra.targets.load", lambda *_: account)

    def upload(target):
        target.client("s3").upload_file(str(layer), "no-such-bucket", "layer.zip")

    assert command.run("prod", tmp_path, upload) == 1
    said = capsys.readouterr().err
    assert said.startswith("Stopped; the next run goes on from here. Failed to upload")
    assert len(said.splitlines()) == 1
