"""The staged Chalice project: a plain copy that `chalice` runs on, with the outputs of the stage's stacks laid over.

Chalice packages `app.py` and everything in `vendor/`. Here `vendor/functions` is a copy without compiled files, so the
working tree may change while a deployment runs, and no link is needed (Windows).
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra import environment
from infra.options import Options
from infra.targets import EMBEDDED_STAGE, ROOT, Target

# function of app.py -> output that holds its role
ROLES = {
    "api_handler": "ApiRoleArn",
    "ingest": "IngestRoleArn",
    "transcode": "TranscodeRoleArn",
    "watchdog": "WatchdogRoleArn",
    "send_mail": "MailRoleArn",
}
_ENCODER = "transcode"
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.pyo")


def function_name(stage: str, function: str) -> str:
    """Return what Lambda calls a function of app.py."""
    return f"videoflix-{stage}" if function == "api_handler" else f"videoflix-{stage}-{function}"


def architecture(target: Target) -> str:
    """Return the processor that the functions run on: this machine's on the emulators."""
    from layers.ffmpeg import build  # noqa: PLC0415 - a machine without a build may still deploy to AWS

    if target.emulated:
        return "arm64" if "arm64" in build.host_target().name else "x86_64"
    stage = environment.config(target.stage)["stages"][target.stage]
    return str(stage.get("lambda_architecture", "x86_64"))


def layer_target(target: Target) -> str:
    """Return which build of ffmpeg the stage's layer holds.

    Raises:
        LayerError: this machine has none, and the functions run on it.
    """
    from layers.ffmpeg import build  # noqa: PLC0415

    # the embedded stack runs functions as processes of this machine, whatever that is; the others in Linux
    return build.host_target().name if target.stage == EMBEDDED_STAGE else architecture(target)


def overlay(
    target: Target, outputs: Mapping[str, str], functions: Mapping[str, str], chosen: Options
) -> dict[str, Any]:
    """Return Chalice's configuration for the stage: the checked-in one with what was really made.

    Args:
        target: The stage.
        outputs: Of all stacks.
        functions: The environment of every function.
        chosen: What the operator chose for the stage.
    """
    config = copy.deepcopy(environment.config(target.stage))
    stage = config["stages"][target.stage]
    stage["environment_variables"] = dict(functions)
    stage["lambda_architecture"] = architecture(target)
    for function, role in ROLES.items():
        stage["lambda_functions"][function]["iam_role_arn"] = outputs[role]
    stage["lambda_functions"][_ENCODER]["layers"] = [outputs["LayerArn"]]
    if chosen.transcode_memory:
        stage["lambda_functions"][_ENCODER]["lambda_memory_size"] = chosen.transcode_memory
    if chosen.api_domain:
        stage["api_gateway_custom_domain"] = {
            "domain_name": chosen.api_domain,
            "certificate_arn": chosen.api_certificate,
            "tls_version": "TLS_1_2",
        }
    return config


def sources() -> Iterator[Path]:
    """Yield the files that go into the package, relative to the root."""
    yield from (Path("app.py"), Path("requirements.txt"))
    for path in sorted((ROOT / "functions").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".pyc", ".pyo"):
            yield path.relative_to(ROOT)


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Return one digest of the code that is packaged, of the Python that packages it, and of `parts`."""
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
    digest.update(f"{sys.version_info[:2]} {sys.platform}".encode())
    for path in sources():
        content = (ROOT / path).read_bytes()
        digest.update(f"\0{path.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def stage(target: Target, config: Mapping[str, Any]) -> None:
    """Write the project's folder; what Chalice keeps in it (`deployed`, `deployments`) stays."""
    copy_code(target.project)
    write_config(target, config)


def copy_code(project: Path) -> None:
    """Write what is packaged into the project's folder, without compiled files."""
    (project / ".chalice").mkdir(parents=True, exist_ok=True)
    for name in ("app.py", "requirements.txt"):
        shutil.copyfile(ROOT / name, project / name)
    vendor = project / "vendor"
    shutil.rmtree(vendor, ignore_errors=True)
    shutil.copytree(ROOT / "functions", vendor / "functions", ignore=_LEFT_OUT, symlinks=True)


def forget_old_packages(target: Target, keep: int = 3) -> None:
    """Remove Chalice's packages of former versions, but for the last few (going back is quick with them)."""
    packages = (target.project / ".chalice" / "deployments").glob("*.zip")
    for path in sorted(packages, key=lambda path: path.stat().st_mtime, reverse=True)[keep:]:
        path.unlink(missing_ok=True)


def write_config(target: Target, config: Mapping[str, Any]) -> None:
    """Write the project's Chalice configuration."""
    (target.project / ".chalice" / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
