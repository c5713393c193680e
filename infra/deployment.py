"""One deployment of one stage: what would change, and doing it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra import (
    chalice_record,
    chalice_run,
    environment,
    files,
    follow_up,
    gateway_errors,
    media_key,
    note,
    options,
    page,
    project,
    quotas,
    stacks,
)
from infra.live import Resource
from infra.stacks import Action, Stack, StackPlan
from infra.targets import ROOT, Target
from layers.ffmpeg import build as ffmpeg

_MARKS = {Action.CREATE: "+", Action.REPLACE: "+", Action.UPDATE: "~", Action.NOTHING: "="}


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
    deployed: note.Note | None
    stacks: tuple[StackPlan, ...]
    unchanged: bool


class Deployment:
    """One run for one stage."""

    def __init__(self, target: Target, tell: Callable[[str], None], *, rotate_media_key: bool = False) -> None:
        self.target = target
        self.rotates = rotate_media_key
        self.tell = tell
        self.settings = environment.of(target)  # a bad setting stops us before anything is touched
        self.options = options.load(target, self.settings)
        self.protected = "false" if target.emulated else "true"
        self.outputs: dict[str, str] = {}

    # ---- planning ---------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Look at what is there; changes nothing."""
        note.check_region(self.target)
        fingerprint = self._fingerprint()
        deployed = note.read(self.target)
        known = self._read_outputs()
        if (
            known
            and not self.rotates
            and deployed
            and deployed.fingerprint == fingerprint
            and note.is_whole(self.target, deployed)
            and follow_up.is_complete(self._stack("data", {}))
        ):
            return Plan(fingerprint, deployed, (), unchanged=True)
        quotas.check(self.target, self.settings)
        wanted = [self._artifacts(), self._data(), self._access(), self._engine()]
        wanted += [self._cdn()] if self._serves_by_cdn() else []
        wanted += [self._page(self._public_url())] if self.options.page_domain else []
        planned = tuple(stacks.plan(stack) for stack in wanted)
        return Plan(fingerprint, deployed, planned, unchanged=False)

    def show(self, plan: Plan) -> None:
        """Print the plan."""
        where = self.target.endpoint or "AWS"
        self.tell(
            f"Plan for the stage {self.target.stage} ({where}, {self.target.region}, account {self.target.account}):"
        )
        for one in plan.stacks:
            changes = ", ".join(one.changes)
            self.tell(f"  {_MARKS[one.action]} stack {one.stack.name}: {one.action.value}{changes and f' ({changes})'}")
        self.tell(f"  {'~' if plan.deployed else '+'} functions and API: {self._why(plan)}")
        if not plan.deployed and (hint := quotas.memory(self.target)):
            self.tell(f"  ! {hint}")

    def _why(self, plan: Plan) -> str:
        if self.rotates:
            return "deploy (media addresses are to be signed with a new key)"
        if plan.deployed is None:
            return "deploy"
        if not plan.deployed.fingerprint:
            return "deploy (the last run did not finish)"
        if plan.deployed.fingerprint == plan.fingerprint:
            return "repair (something of the deployment is gone or was changed)"
        return "deploy (code, templates or settings changed)"

    def _read_outputs(self) -> bool:
        """Read the outputs of the stacks that are there; say whether all are that shall be.

        Also of a distribution that is not wanted any more: while it is there the bucket lets it in, so addresses that
        were handed out live on.
        """
        unwanted = {"cdn": not self._serves_by_cdn(), "page": not self.options.page_domain}
        found = {part: stacks.describe(Stack(self.target, part, {})) for part in stacks.PARTS}
        for one in found.values():
            self.outputs |= stacks.outputs(one or {})
        return all(found[part] or unwanted.get(part) for part in stacks.PARTS)

    def _fingerprint(self) -> str:
        ours = {
            path.name: path.read_text(encoding="utf-8")
            for path in sorted((ROOT / "infra").iterdir())
            if path.suffix in (".py", ".yaml")
        }
        layer = ffmpeg.TARGETS[project.layer_target(self.target)].zip_sha256
        parts = {
            "infra": ours,
            "layer": layer,
            "config": environment.config(self.target.stage),
            "settings": self.settings,
            "options": dataclasses.asdict(self.options),
            "page": page.fingerprint() if self.options.page_domain else "",
        }
        return project.fingerprint(parts)

    # ---- the stacks -------------------------------------------------------------------------------------------

    def _stack(self, part: str, parameters: Mapping[str, str]) -> Stack:
        parameters = {"Stage": self.target.stage, **parameters}
        return Stack(self.target, part, parameters, protected=self.protected == "true")

    def _artifacts(self) -> Stack:
        return self._stack("artifacts", {"RequireTls": self._requires_tls()})

    def _data(self) -> Stack:
        parameters = {
            "FrontendOrigins": self.settings["CORS_ALLOWED_ORIGINS"],
            **self._mail_identity(),
            "ManageMailIdentity": "true" if self._manages_mail_identity() else "false",
            "Protected": self.protected,
            "DeletionProtection": self.protected if stacks.is_made(self._stack("data", {})) else "false",
            "RequireTls": self._requires_tls(),
            "DistributionArn": self.outputs.get("DistributionArn", ""),
        }
        return self._stack("data", parameters)

    def _access(self) -> Stack:
        names = (
            "AccountsTableArn",
            "CatalogueTableArn",
            "MailQueueArn",
            "IngestDeadQueueArn",
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

    def _engine(self) -> Stack:
        on_aws = "false" if self.target.endpoint else "true"
        parameters = {
            "ChunksAtOnce": self.settings["CHUNKS_AT_ONCE"],
            "MonthlyBudget": self.options.monthly_budget,
            "OnAws": on_aws,
        }
        return self._stack("engine", parameters)

    def _cdn(self) -> Stack:
        keys = media_key.public_halves(self.target, self.outputs.get("MediaSignerSecret"))
        parameters = {
            "MediaBucket": self.outputs.get("MediaBucket", ""),
            "FrontendOrigins": self.settings["CORS_ALLOWED_ORIGINS"],
            **{f"PublicKey{slot}": public for slot, public in keys.items()},
        }
        return self._stack("cdn", parameters)

    def _page(self, api_url: str) -> Stack:
        parameters = {
            "Domain": self.options.page_domain,
            "CertificateArn": self.options.page_certificate,
            "ContentSecurityPolicy": page.content_security_policy(self.target, api_url, self.outputs),
        }
        return self._stack("page", parameters)

    def _serves_by_cdn(self) -> bool:
        return self.settings["MEDIA_SIGNING"] == "cloudfront"

    def _requires_tls(self) -> str:
        return "true" if self.target.requires_tls else "false"

    def _mail_identity(self) -> dict[str, str]:
        identity = self.options.mail_identity
        return {"MailIdentityName": identity, "MailIsDomain": "false" if "@" in identity else "true"}

    def _stacks_make_identities(self) -> bool:
        # the last free LocalStack has no AWS::SES::EmailIdentity
        return self.target.stage != "localstack"

    def _manages_mail_identity(self) -> bool:
        """Say whether this stage's stack has what SES sends for: SES takes a domain once, be it for another stage."""
        if not self._stacks_make_identities():
            return False
        data, identity = self._stack("data", {}), self.options.mail_identity
        made = stacks.physical_names(data) if stacks.describe(data) else {}
        return made.get("MailIdentity") == identity or not follow_up.knows_sender(self.target, identity)

    def _layer_key(self) -> str:
        name = project.layer_target(self.target)
        return f"layers/ffmpeg-{name}-{ffmpeg.TARGETS[name].zip_sha256[:16]}.zip"

    # ---- acting -----------------------------------------------------------------------------------------------

    def act(self, plan: Plan) -> str:
        """Do everything and return the public address of the API."""
        if plan.deployed:
            note.begin(self.target, plan.deployed)
        self._make(self._artifacts())
        self._upload_layer()
        self._report(follow_up.after_data(self._make_data()))
        if not self._stacks_make_identities():
            self._report(follow_up.mail_identity(self.target, self.options.mail_identity))
        self._make(self._access())
        self._report(
            follow_up.after_access(
                self.target, self.outputs["MediaSignerUser"], self.outputs["MediaSignerSecret"], rotate=self.rotates
            )
        )
        self._make(self._engine())
        if self._serves_by_cdn():
            self._make_cdn()
        api_url = self._deploy_functions(plan.deployed.resources if plan.deployed else [])
        self._report(follow_up.after_functions(self.target, self.outputs["IngestDeadQueueArn"]))
        if self.options.page_domain:
            self._make(self._page(api_url))
            self._report(page.upload(self.target, self.outputs["PageBucket"], api_url))
        self.write_environment(api_url)
        note.finish(self.target, plan.fingerprint)
        self.tell_dns()
        return api_url

    def _make(self, stack: Stack) -> None:
        planned = stacks.plan(stack)
        if planned.action is not Action.NOTHING:
            self.tell(f"Stack {stack.name}: {planned.action.value}")
        self.outputs |= stacks.apply(planned, self.tell)

    def _make_data(self) -> Stack:
        """Make the stack of the data; once its tables are there they are protected."""
        made = self._data()
        self._make(made)
        complete = self._data()
        if complete != made:
            self._make(complete)
        return complete

    def _make_cdn(self) -> None:
        secret = self.outputs["MediaSignerSecret"]
        made = media_key.make(self.target, secret)
        self._report(made)
        rotate = self.rotates and not made
        if rotate:
            media_key.drop_former(self.target, secret)
            self._make(self._cdn())
            media_key.add_next(self.target, secret)
        self._make(self._cdn())
        self._make(self._data())  # the bucket lets the distribution in, which has its name now
        self._report(media_key.complete(self.target, secret, self.outputs, rotate=rotate))

    def tell_dns(self) -> None:
        """Say which records the domains of one's own need; whoever has them already may pass over it."""
        records = follow_up.mail_records(self.target, self.options.mail_identity)
        records += [f"{host} CNAME {alias}" for host, alias in self._aliases() if host and alias]
        for record in records:
            self.tell(f"DNS: {record}")

    def _aliases(self) -> list[tuple[str, str]]:
        api = [one for one in chalice_record.resources(self.target) if one.get("resource_type") == "domain_name"]
        alias = str(api[0].get("alias_domain_name", "")) if api else ""
        return [(self.options.api_domain, alias), (self.options.page_domain, self.outputs.get("PageDomain", ""))]

    def _report(self, lines: list[str]) -> None:
        for line in lines:
            self.tell(f"Set: {line}")

    def _upload_layer(self) -> None:
        s3, bucket, key = self.target.client("s3"), self.outputs["ArtifactsBucket"], self._layer_key()
        if s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"):
            return
        path = ffmpeg.build(ffmpeg.TARGETS[project.layer_target(self.target)])
        self.tell(f"Uploading the ffmpeg layer ({path.stat().st_size // 1_000_000} MB)")
        s3.upload_file(str(path), bucket, key)

    def _deploy_functions(self, noted: list[Resource]) -> str:
        known = self._api_url(chalice_record.adopt(self.target, noted, self._gateway_stage()))
        self.deploy_project(known)
        api_url = self._api_url(chalice_record.resources(self.target))
        if api_url != known and not self.target.emulated:
            self.tell("The API has its address now; telling the functions")
            self.deploy_project(api_url)
        return api_url

    def _gateway_stage(self) -> str:
        return str(environment.config(self.target.stage)["stages"][self.target.stage]["api_gateway_stage"])

    def _api_url(self, resources: list[Resource]) -> str:
        """Return the public address of the API; empty while there is none."""
        if self.target.emulated:
            return self.target.stack.api_url
        return self.target.settings.get("API_BASE_URL", "").strip() or self._gateway_url(resources)

    def _public_url(self) -> str:
        """Return the API's public address as far as it is known before the deployment."""
        return self._api_url(chalice_record.resources(self.target)) or self.settings["API_BASE_URL"]

    def _gateway_url(self, resources: list[Resource]) -> str:
        api = next((one for one in resources if one.get("resource_type") == "rest_api"), None)
        if api is None:
            return ""
        if self.target.endpoint:  # Chalice knows no address but AWS's own
            return f"{self.target.endpoint}/_aws/execute-api/{api['rest_api_id']}/{self._gateway_stage()}"
        return str(api["rest_api_url"]).rstrip("/")

    def deploy_project(self, api_url: str) -> None:
        """Let Chalice deploy functions that know this address of their API."""
        functions = environment.of(self.target, self.outputs, api_url)
        project.stage(self.target, project.overlay(self.target, self.outputs, functions, self.options))
        # the listeners of the local stacks give such answers themselves
        errors = {} if self.target.endpoint else gateway_errors.define(functions["CORS_ALLOWED_ORIGINS"])
        chalice_run.deploy(self.target, self.tell, errors)
        project.forget_old_packages(self.target)

    def write_environment(self, api_url: str) -> None:
        """Write the functions' environment, and how to reach AWS, for the programs on this machine."""
        functions = environment.of(self.target, self.outputs, api_url)
        gateway = self._gateway_url(chalice_record.resources(self.target))
        # without a region AWS's clients find no service, and they read no file of ours
        reach = {"AWS_DEFAULT_REGION": self.target.region, **self.target.credentials()}
        values = functions | reach | {"VIDEOFLIX_GATEWAY_URL": gateway}
        lines = [f"# Written by infra.deploy for the stage {self.target.stage}."]
        lines += [f"{name}={value}" for name, value in values.items()]
        files.write_private(self.target.environment_file, "\n".join(lines) + "\n")

    def restore(self, plan: Plan) -> str:
        """Write this machine's files of a deployment that is unchanged; return the API's address."""
        if plan.deployed and plan.deployed.resources != chalice_record.resources(self.target):
            chalice_record.write(self.target, plan.deployed.resources)
        api_url = self._api_url(chalice_record.resources(self.target))
        self.write_environment(api_url)
        return api_url
