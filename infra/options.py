"""Settings of a deployment that no function reads: who sends mails, own domains, memory, and what a month may cost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.targets import DeployError, Target

NAMES = ("MAIL_IDENTITY", "API_CERTIFICATE_ARN", "PAGE_CERTIFICATE_ARN", "MONTHLY_BUDGET", "TRANSCODE_MEMORY")
_DEFAULT_BUDGET = "100"  # US dollars
_LEAST_MEMORY = 1024  # MB: a ladder up to 1080p needs half of them, a 2160p source more
_MOST_MEMORY = 10240  # MB, Lambda's limit
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:(?P<region>[a-z0-9-]+):\d{12}:certificate/[A-Za-z0-9-]+")
_CLOUDFRONT_REGION = "us-east-1"  # where CloudFront looks for certificates, wherever a stage lives


@dataclass(frozen=True)
class Options:
    """What an operator chose.

    Attributes:
        mail_identity: The domain or the address that SES is to send for.
        api_domain: Host name under which API Gateway shall serve; empty: its own.
        api_certificate: ACM certificate for it.
        page_domain: Host name under which CloudFront shall serve the page; empty: the page is somebody else's business.
        page_certificate: ACM certificate for it.
        monthly_budget: US dollars, in digits, that the account may cost in a month before somebody is told.
        transcode_memory: Megabytes of the encoder; None: what `.chalice/config.json` says.
    """

    mail_identity: str
    api_domain: str
    api_certificate: str
    page_domain: str
    page_certificate: str
    monthly_budget: str
    transcode_memory: int | None


def load(target: Target, functions: Mapping[str, str]) -> Options:
    """Read the options of a stage.

    Args:
        target: The stage.
        functions: The environment of its functions.

    Raises:
        DeployError: one is malformed, or says something about an address that is not set; the message names it.
    """
    page = _certificate(target, "PAGE_CERTIFICATE_ARN", _CLOUDFRONT_REGION)
    api = _certificate(target, "API_CERTIFICATE_ARN", target.region)
    return Options(
        mail_identity=_mail_identity(target, functions["MAIL_SENDER"]),
        api_domain=_host(functions, "API_BASE_URL", "API_CERTIFICATE_ARN") if api else "",
        api_certificate=api,
        page_domain=_host(functions, "FRONTEND_BASE_URL", "PAGE_CERTIFICATE_ARN") if page else "",
        page_certificate=page,
        monthly_budget=_budget(target),
        transcode_memory=transcode_memory(target),
    )


def transcode_memory(target: Target) -> int | None:
    """Return the megabytes that the encoder of a stage shall have; None: what `.chalice/config.json` says.

    Raises:
        DeployError: it is not what Lambda gives, or too little for an encoder.
    """
    said = target.settings.get("TRANSCODE_MEMORY", "").strip()
    if not said:
        return None
    if not re.fullmatch("[1-9][0-9]{2,4}", said) or not _LEAST_MEMORY <= int(said) <= _MOST_MEMORY:
        raise DeployError(f"Setting TRANSCODE_MEMORY must be megabytes, from {_LEAST_MEMORY} to {_MOST_MEMORY}.")
    return int(said)


def _certificate(target: Target, name: str, region: str) -> str:
    arn = target.settings.get(name, "").strip()
    if not arn:
        return ""
    found = _CERTIFICATE.fullmatch(arn)
    if not found or found["region"] != region:
        raise DeployError(f"Setting {name} must be the ARN of an ACM certificate in {region}.")
    if target.endpoint:
        raise DeployError(f"Setting {name} is for AWS: an emulator has no domains.")
    return arn


def _host(functions: Mapping[str, str], name: str, certificate: str) -> str:
    address = urlsplit(functions[name])
    host, alone = address.hostname, address.scheme == "https" and not address.path.strip("/")
    # nobody owns a host under .example (RFC 2606): it stands for what was not set
    if not host or not alone or host.endswith("example"):
        raise DeployError(f"Setting {name} must be https:// and a host name alone, since {certificate} is set.")
    return host


def _budget(target: Target) -> str:
    amount = target.settings.get("MONTHLY_BUDGET", "").strip() or _DEFAULT_BUDGET
    if not re.fullmatch("[1-9][0-9]{0,8}", amount):
        raise DeployError("Setting MONTHLY_BUDGET must be whole US dollars, at least 1.")
    return amount


def _mail_identity(target: Target, sender: str) -> str:
    default = "address" if target.emulated else "domain"
    kind = target.settings.get("MAIL_IDENTITY", "").strip() or default
    if kind not in ("domain", "address"):
        raise DeployError("Setting MAIL_IDENTITY must be domain or address.")
    return sender.rpartition("@")[2] if kind == "domain" else sender
