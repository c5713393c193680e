"""What a function finds around it: AWS's environment variables and search path, and nothing of this machine's own."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from typing import Any

from localstack import stack

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"  # AWS: /usr/local/bin:/usr/bin/:/bin:/opt/bin


def variables(config: dict[str, Any], code: Path, layers: list[Path], credentials: dict[str, str]) -> dict[str, str]:
    """Return the environment of a function (AWS: "Defined runtime environment variables"). Its own settings win."""
    name = str(config["FunctionName"])
    own = config.get("Environment", {}).get("Variables", {})
    reserved = {
        "_HANDLER": config["Handler"],
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": str(config.get("Version", "$LATEST")),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
        "AWS_REGION": str(config["FunctionArn"]).split(":")[3],
        "LAMBDA_TASK_ROOT": str(code),
        "LAMBDA_RUNTIME_DIR": str(Path(__file__).parent),
        **credentials,
    }
    defaults = {
        "AWS_DEFAULT_REGION": reserved["AWS_REGION"],
        "AWS_ENDPOINT_URL": f"http://{stack.HOST}:{os.environ['GATEWAY_PORT']}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": _search_path(layers),
    }
    if sys.platform == "win32":
        defaults |= {k: os.environ[k] for k in ("SYSTEMROOT", "COMSPEC") if k in os.environ}
    return {**defaults, **own, **_behind_a_proxy(name), **{name: value for name, value in reserved.items() if value}}


def _behind_a_proxy(name: str) -> dict[str, str]:
    """Send a function's calls of AWS through a proxy that injects faults (`make drill`), which knows whose they are."""
    proxy = os.environ.get("VIDEOFLIX_FUNCTIONS_PROXY")
    # A proxy and no other endpoint: signatures hold the host. In capitals botocore reads the variable, ffmpeg does not.
    # A full stop after the name: that of the API begins all others'.
    return {"HTTP_PROXY": proxy, "AWS_SDK_UA_APP_ID": f"{name}."} if proxy else {}


def import_path(code: Path, layers: list[Path]) -> list[str]:
    """Return what stands before the standard library on the function's `sys.path`."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    path = [str(code)]
    for layer in layers:
        path += [str(layer / "python" / "lib" / python / "site-packages"), str(layer / "python")]
    return path


def command(code: Path, pycache: Path) -> list[str]:
    """Return the command of a worker: an interpreter cut off from this project's own packages and variables.

    `-I -S`: no variables, no user or environment packages. Bytecode that the package brings for its entry is used, as
    on AWS (`-B`: none is added); else it goes beside the read-only code, so that only the first cold start compiles.
    `code` is named in the command, after this script, for whoever looks for what a stack left behind (`orphans`).
    """
    brought = (code / "__pycache__").is_dir()
    options = ["-I", "-S", "-X", "utf8", *(["-B"] if brought else ["-X", f"pycache_prefix={pycache}"])]
    return [sys.executable, *options, str(Path(__file__).with_name("bootstrap.py")), str(code)]


def _search_path(layers: list[Path]) -> str:
    system = os.environ.get("PATH", "") if sys.platform == "win32" else _SYSTEM_PATH
    return os.pathsep.join([*(str(layer / "bin") for layer in layers), system])
