"""Small Lambda functions made of a text, for tests."""

import io
import json
import uuid
import zipfile

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def zipped(files, modes=None):
    """Return a zip of `files` (name to text), with Unix modes where `modes` names one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100000 | (modes or {}).get(name, 0o644)) << 16
            archive.writestr(info, text)
    return buffer.getvalue()


UNPACKED_BY_NOBODY = zipped({"main.py": "", "out": "/etc"}, {"out": 0o120777})
"""A function's zip with a link that leads out of it."""


def make_function(target, source, **settings):
    """Create a function whose handler is `handler` in `source`; return its name."""
    name = f"f-{uuid.uuid4().hex[:10]}"
    iam = target.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    files = settings.pop("files", {})
    target.client("lambda").create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.12",
        Handler="main.handler",
        Code={"ZipFile": zipped({"main.py": source, **files})},
        **{"Timeout": 10, **settings},
    )
    return name


def invoke(target, name, event=None, **settings):
    """Invoke and return (payload, error kind or None)."""
    answer = target.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}), **settings)
    return json.loads(answer["Payload"].read() or b"null"), answer.get("FunctionError")
