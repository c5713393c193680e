"""The environment of the functions of a stage: defaults, settings of the operator, names of what was made.

Later ones win: `.chalice/config.json` (complete by itself, for plain `chalice` commands), addresses and processors of a
local stack's machine, `.env`, `.env.<stage>` and the environment, outputs of the stacks.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Mapping
from typing import Any

from functions import settings
from infra.targets import ROOT, DeployError, Target

CONFIG = ROOT / ".chalice" / "config.json"
PLACEHOLDER = "videoflix.example"  # what no deployment can know; a value that holds it counts as missing
RESERVED = "AWS_"  # Lambda refuses variables that start so, and sets its own
_ORIGIN = re.compile(r"https?://[a-z0-9._\-\[\]:]+")
DEFAULT_WEB = "http://127.0.0.1:5500"  # where people serve a frontend of their own (VIDEOFLIX_WEB_PORT=off)

# environment variable -> output of a stack
FROM_OUTPUTS = {
    "UPLOADS_BUCKET": "UploadsBucket",
    "MEDIA_BUCKET": "MediaBucket",
    "ACCOUNTS_TABLE": "AccountsTable",
    "CATALOGUE_TABLE": "CatalogueTable",
    "TRANSCODE_MACHINE": "TranscodeMachine",
    "MAIL_QUEUE": "MailQueue",
    "TOKEN_KEYS_SECRET": "TokenKeysSecret",
    "MEDIA_SIGNER_SECRET": "MediaSignerSecret",
}
NAMES = frozenset(field.name.upper() for field in dataclasses.fields(settings.Settings))
MADE = FROM_OUTPUTS.keys() | {"STAGE"}  # not for setting
ADJUSTABLE = NAMES - MADE


def config(stage: str) -> dict[str, Any]:
    """Return `.chalice/config.json` with the one stage, which is made like prod unless it is for one machine.

    Raises:
        DeployError: the file cannot be read.
    """
    try:
        value: dict[str, Any] = json.loads(CONFIG.read_text(encoding="utf-8"))
        # by no other name: `dev` stands there for plain `chalice`, on one machine
        chosen = value["stages"][stage if stage in settings.EMULATED_STAGES else "prod"]
    except (OSError, ValueError, KeyError) as error:
        raise DeployError(f".chalice/config.json cannot be read: {error}.") from error
    return {**value, "stages": {stage: chosen}}


def of(target: Target, outputs: Mapping[str, str] | None = None, api_url: str | None = None) -> dict[str, str]:
    """Return the environment of every function.

    Args:
        target: The stage.
        outputs: What the stacks made; without them their names are the ones in `.chalice/config.json`.
        api_url: The public address of the API, once it is known.

    Raises:
        DeployError: a setting is missing or malformed; the message names it.
    """
    values = dict(config(target.stage)["stages"][target.stage]["environment_variables"])
    values = {name: value for name, value in values.items() if not name.startswith(RESERVED)}
    values["STAGE"] = target.stage
    if target.emulated:
        values |= _addresses(target)
        values["CHUNKS_AT_ONCE"] = str(os.cpu_count() or 1)  # more would only take turns
    elif api_url:
        values["API_BASE_URL"] = api_url
    values |= {name: target.settings[name].strip() for name in ADJUSTABLE & target.settings.keys()}
    values |= {name: outputs[output] for name, output in FROM_OUTPUTS.items()} if outputs else {}
    if target.endpoint:  # CloudFront is nowhere but on AWS
        values["MEDIA_SIGNING"] = "s3"
    values["CORS_ALLOWED_ORIGINS"] = _check(values)
    return dict(sorted(values.items()))


def _addresses(target: Target) -> dict[str, str]:
    web, api = target.stack.web_url or DEFAULT_WEB, target.stack.api_url
    frontend = settings.origin_of(target.settings.get("FRONTEND_BASE_URL", "").strip() or web)
    by_name = [url.replace("127.0.0.1", "localhost") for url in (frontend, web, api)]  # as people open them, too
    return {
        "API_BASE_URL": api,
        "MEDIA_BASE_URL": target.stack.aws_url,
        "FRONTEND_BASE_URL": web,
        "CORS_ALLOWED_ORIGINS": ",".join(dict.fromkeys([frontend, web, *by_name])),
    }


def _check(values: Mapping[str, str]) -> str:
    """Refuse what no function could use; return the origins as CloudFormation and the functions take them."""
    for name, value in values.items():
        # the API's own address is known only after the first deployment
        if PLACEHOLDER in value and name != "API_BASE_URL":
            raise DeployError(f"Setting {name} is missing.")
    try:
        loaded = settings.load(values)
    except settings.SettingError as error:
        raise DeployError(str(error)) from error
    if not loaded.cors_allowed_origins:
        raise DeployError("Setting CORS_ALLOWED_ORIGINS is missing.")
    if not all(_ORIGIN.fullmatch(origin) for origin in loaded.cors_allowed_origins):
        # a wildcard would let every page act as whoever visits it
        raise DeployError("Setting CORS_ALLOWED_ORIGINS must be exact origins such as https://films.example.org.")
    return ",".join(loaded.cors_allowed_origins)
