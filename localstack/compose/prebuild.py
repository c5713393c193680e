"""Build what Lambda's package needs while the image is built, so that its containers deploy without a registry.

`python -m localstack.compose.prebuild`, in the Dockerfile.
"""

from __future__ import annotations

import shutil
import sys
import tempfile

from chalice.deploy.packager import DependencyBuilder
from chalice.utils import OSUtils

from infra import chalice_cli, chalice_run
from layers.ffmpeg import build
from localstack.stack import ROOT


def main() -> None:
    """Fill the cache that `infra.chalice_run` reads, for this machine's processor and this Python."""
    chalice_cli.reuse_dependencies(chalice_run.CACHE, native=False)
    architecture = build.host_target().name  # on Linux: what Lambda calls the processor
    abi = f"cp{sys.version_info.major}{sys.version_info.minor}"
    scratch = tempfile.mkdtemp()
    try:
        builder = DependencyBuilder(OSUtils(), architecture=architecture)
        builder.build_site_packages(abi, str(ROOT / "requirements.txt"), scratch)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
