"""Deploy a stage: `python -m infra.deploy --stage local|localstack|prod [--plan] [--yes] [--state DIR]`.

Plans, prints the plan, then acts. The same steps for every stage, only the endpoint differs. Each step looks first
and changes what differs, so an interrupted run is finished by the next one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from infra import environment, follow_up, project, record, stacks, targets
from infra.stacks import Action, Stack, StackPlan
from infra.targets import EMBEDDED_STAGE, ROOT, DeployError, Target
from layers.ffmpeg import build as ffmpeg
from localstack import lock

_MARKS = {Action.CREATE: "+", Action.REPLACE: "+", Action.UPDATE: "~", Action.NOTHING: "="}
_CACHE = ROOT / ".chalice" / "deployments"  # where plain chalice keeps built packages too; git ignores it
_TAIL = 15  # lines of chalice's that are shown when it fails
_SENTENCE = 300  # characters of an error that are worth reading


def tell(text: str) -> None:
    """Say how far we are."""
    print(text, flush=True)


@dataclass(frozen=True)
class Plan:
    """What would happen.

    Attributes:
        fingerprint: Of everything that is to be deployed.
        deployed: The note of the last finished run.
        stacks: In the order of their making.
        unchanged: Whether exactly this is deployed, and still there.
    """

    fingerprint: str
    deployed: record.Deployment | None
    stacks: tuple[StackPlan, ...]
    unchanged: bool


class Deployment:
    """One run for one stage."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.settings = environment.of(target)  # a bad setting stops us before anything is touched
        self.protected = "false" if target.emulated else "true"
        self.outputs: dict[str, str] = {}

    # ---- planning ---------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Look at what is there; changes nothing."""
        fingerprint = self._fingerprint()
        deployed = record.read(self.target)
        known = self._read_outputs()
        if known and deployed and deployed.fingerprint == fingerprint and record.is_whole(self.target, deployed):
            return Plan(fingerprint, deployed, (), unchanged=True)
        planned = tuple(stacks.plan(stack) for stack in (self._artifacts(), self._data(), self._access()))
        return Plan(fingerprint, deployed, planned, unchanged=False)

    def show(self, plan: Plan) -> None:
        """Print the plan."""
        where = self.target.endpoint or "AWS"
        tell(f"Plan for the stage {self.target.stage} ({where}, {self.target.region}, account {self.target.account}):")
        for one in plan.stacks:
            changes = ", ".join(one.changes)
            tell(f"  {_MARKS[one.action]} stack {one.stack.name}: {one.action.value}{changes and f' ({changes})'}")
        tell(f"  {'~' if plan.deployed else '+'} functions and API: {self._why(plan)}")

    def _why(self, plan: Plan) -> str:
        if plan.deployed is None:
            return "deploy (no finished deployment is known)"
        if plan.deployed.fingerprint == plan.fingerprint:
            return "repair (something of the deployment is gone or was changed)"
        return "deploy (code, templates or settings changed)"

    def _read_outputs(self) -> bool:
        """Read the outputs of the stacks that are there; say whether all are."""
        found = [stacks.describe(Stack(self.target, part, {})) for part in ("artifacts", "data", "access")]
        for one in found:
            self.outputs |= stacks.outputs(one or {})
        return all(found)

    def _fingerprint(self) -> str:
        ours = {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted((ROOT / "infra").iterdir())
            if path.suffix in (".py", ".yaml")
        }
        layer = ffmpeg.TARGETS[project.layer_target(self.target)].zip_sha256
        config = environment.config(self.target.stage)
        return project.fingerprint({"infra": ours, "layer": layer, "config": config, "settings": self.settings})

    # ---- the stacks -------------------------------------------------------------------------------------------

    def _stack(self, part: str, parameters: Mapping[str, str]) -> Stack:
        parameters = {"Stage": self.target.stage, **parameters}
        return Stack(self.target, part, parameters, protected=self.protected == "true")

    def _artifacts(self) -> Stack:
        return self._stack("artifacts", {"RequireTls": self._requires_tls()})

    def _data(self) -> Stack:
        parameters = {
            "FrontendOrigins": self.settings["CORS_ALLOWED_ORIGINS"],
            "MailSender": self.settings["MAIL_SENDER"],
            "ManageMailIdentity": "true" if self._manages_mail_identity() else "false",
            "Protected": self.protected,
            "RequireTls": self._requires_tls(),
        }
        return self._stack("data", parameters)

    def _access(self) -> Stack:
        names = (
            "AccountsTableArn",
            "CatalogueTableArn",
            "TranscodeQueueArn",
            "MailQueueArn",
            "IngestDeadQueueArn",
            "TokenKeysSecretArn",
            "UploadsBucket",
            "MediaBucket",
            "ArtifactsBucket",
        )
        parameters = {name: self.outputs.get(name, "") for name in names} | {
            "MailSender": self.settings["MAIL_SENDER"],
            "LayerKey": self._layer_key(),
            "LayerArchitecture": project.architecture(self.target),
        }
        return self._stack("access", parameters)

    def _requires_tls(self) -> str:
        return "true" if self.target.requires_tls else "false"

    def _manages_mail_identity(self) -> bool:
        # the last free LocalStack has no AWS::SES::EmailIdentity
        return self.target.stage != "localstack"

    def _layer_key(self) -> str:
        name = project.layer_target(self.target)
        return f"layers/ffmpeg-{name}-{ffmpeg.TARGETS[name].zip_sha256[:16]}.zip"

    # ---- acting -----------------------------------------------------------------------------------------------

    def act(self, plan: Plan) -> str:
        """Do everything and return the public address of the API."""
        if plan.deployed:
            record.forget(self.target)
        self._make(self._artifacts())
        self._upload_layer()
        data = self._data()
        self._make(data)
        self._report(follow_up.after_data(data))
        if not self._manages_mail_identity():
            self._report(follow_up.mail_identity(self.target, self.settings["MAIL_SENDER"]))
        self._make(self._access())
        self._report(
            follow_up.after_access(self.target, self.outputs["MediaSignerUser"], self.outputs["MediaSignerSecret"])
        )
        api_url = self._deploy_functions()
        self._report(follow_up.after_functions(self.target, self.outputs["IngestDeadQueueArn"]))
        self.write_environment(api_url)
        record.write(self.target, plan.fingerprint)
        return api_url

    def _make(self, stack: Stack) -> None:
        planned = stacks.plan(stack)
        if planned.action is not Action.NOTHING:
            tell(f"Stack {stack.name}: {planned.action.value}")
        self.outputs |= stacks.apply(planned, tell)

    def _report(self, lines: list[str]) -> None:
        for line in lines:
            tell(f"Set: {line}")

    def _upload_layer(self) -> None:
        s3, bucket, key = self.target.client("s3"), self.outputs["ArtifactsBucket"], self._layer_key()
        if s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"):
            return
        path = ffmpeg.build(ffmpeg.TARGETS[project.layer_target(self.target)])
        tell(f"Uploading the ffmpeg layer ({path.stat().st_size // 1_000_000} MB)")
        s3.upload_file(str(path), bucket, key)

    def _deploy_functions(self) -> str:
        known = self._api_url(record.adopt(self.target, self._gateway_stage()))
        self._chalice(known)
        api_url = self._api_url(record.chalice_resources(self.target))
        if api_url != known and not self.target.emulated:
            tell("The API has its address now; telling the functions")
            self._chalice(api_url)
        return api_url

    def _gateway_stage(self) -> str:
        return str(environment.config(self.target.stage)["stages"][self.target.stage]["api_gateway_stage"])

    def _api_url(self, resources: list[record.Resource]) -> str:
        """Return the public address of the API; empty while there is none."""
        if self.target.emulated:
            return self.target.stack.api_url
        return self.settings_override("API_BASE_URL") or self._gateway_url(resources)

    def settings_override(self, name: str) -> str:
        """Return what the operator set; empty if nothing."""
        return self.target.settings.get(name, "").strip()

    def _gateway_url(self, resources: list[record.Resource]) -> str:
        api = next((one for one in resources if one.get("resource_type") == "rest_api"), None)
        if api is None:
            return ""
        if self.target.endpoint:  # Chalice knows no address but AWS's own
            return f"{self.target.endpoint}/_aws/execute-api/{api['rest_api_id']}/{self._gateway_stage()}"
        return str(api["rest_api_url"]).rstrip("/")

    def _chalice(self, api_url: str) -> None:
        functions = environment.of(self.target, self.outputs, api_url)
        project.stage(self.target, project.overlay(self.target, self.outputs, functions))
        # fmt: off
        command = [
            sys.executable, "-P",  # this repository stays off the path: the staged copy is what counts
            str(ROOT / "infra" / "chalice_cli.py"), "--cache", str(_CACHE),
            *(["--native"] if self.target.stage == EMBEDDED_STAGE and sys.platform != "linux" else []),
            "--project-dir", str(self.target.project), "deploy", "--stage", self.target.stage,
        ]
        # fmt: on
        quiet = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command,
            env=self.target.child_environment() | quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            tail = self._follow(process)
        if process.returncode != 0:
            raise DeployError("chalice deploy failed:\n" + "\n".join(tail))
        project.forget_old_packages(self.target)

    def _follow(self, process: subprocess.Popen[str]) -> deque[str]:
        tail: deque[str] = deque(maxlen=_TAIL)
        reporting = False
        for line in process.stdout or ():
            tail.append(line.rstrip())
            reporting = reporting or line.startswith("Resources deployed")  # with an address that is AWS's only
            if line.startswith(("Creating", "Updating", "Subscribing", "Configuring", "Deleting")) and not reporting:
                tell(f"  {line.rstrip()}")
        return tail

    def write_environment(self, api_url: str) -> None:
        """Write the functions' environment, and how to reach AWS, for the programs on this machine."""
        functions = environment.of(self.target, self.outputs, api_url)
        gateway = self._gateway_url(record.chalice_resources(self.target))
        values = functions | self.target.credentials() | {"VIDEOFLIX_GATEWAY_URL": gateway}
        lines = [f"# Written by infra.deploy for the stage {self.target.stage}."]
        lines += [f"{name}={value}" for name, value in values.items()]
        write_private(self.target.environment_file, "\n".join(lines) + "\n")

    def restore(self, plan: Plan) -> str:
        """Write this machine's files of a deployment that is unchanged; return the API's address."""
        if plan.deployed and plan.deployed.resources != record.chalice_resources(self.target):
            record.write_chalice(self.target, plan.deployed.resources)
        api_url = self._api_url(record.chalice_resources(self.target))
        self.write_environment(api_url)
        return api_url


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def run(target: Target, *, plan_only: bool, yes: bool) -> None:
    """Plan, print, act.

    Raises:
        DeployError: as its sentence says.
    """
    deployment = Deployment(target)
    plan = deployment.plan()
    if plan.unchanged:
        tell(f"Nothing changed. The stage {target.stage} is at {deployment.restore(plan)}/api/")
        return
    deployment.show(plan)
    if plan_only:
        return
    _agree(target, yes=yes)
    tell(f"Done. The stage {target.stage} is at {deployment.act(plan)}/api/")


def alone(target: Target) -> IO[bytes]:
    """Return the lock that keeps a second deployment of the stage away, from this machine at least.

    Raises:
        DeployError: somebody else holds it.
    """
    held = lock.acquire(target.state / f"{target.stage}.deploy.lock")
    if held is None:
        raise DeployError(f"Another deployment of the stage {target.stage} is running.")
    return held


def _agree(target: Target, *, yes: bool) -> None:
    if yes or target.emulated:
        return
    if not sys.stdin.isatty():
        raise DeployError("Nobody is here to agree to this plan; say --yes.")
    if input("Do this? [y/N] ").strip().lower() not in ("y", "yes"):
        raise DeployError("Nothing was done.")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description="Deploy a stage.")
    parser.add_argument("--stage", required=True, help="local, localstack, prod or another name")
    parser.add_argument("--plan", action="store_true", help="print what would be done, and do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before changing a stage on AWS")
    parser.add_argument("--state", type=Path, help="folder for what is kept on this machine (default: VIDEOFLIX_STATE)")
    options = parser.parse_args(arguments)
    try:
        target = targets.load(options.stage, options.state)
        with alone(target):
            run(target, plan_only=options.plan, yes=options.yes)
    except (DeployError, ffmpeg.LayerError) as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"The deployment stopped; the next run goes on from here. {str(error)[:_SENTENCE]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the next run goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
