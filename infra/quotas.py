"""What an account must allow before a stage can do what its settings say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from infra import environment, options, project
from infra.targets import DeployError, Target

_NEW_ACCOUNTS_MEMORY = 3008  # MB of a function, at most
_FOR_THE_REST = 50  # functions beside the encoders: calls of people, mails, events
_ENCODER = re.compile(project.function_name("(?P<stage>[a-z][a-z0-9]{1,15})", "transcode"))


def check(target: Target, functions: Mapping[str, str]) -> None:
    """Refuse a width of encoding that would leave no function for anything else; new accounts allow 10 in all.

    All functions of an account and region share what it allows: other stages of ours count, other programs do not.

    Raises:
        DeployError: names the quota and the settings.
    """
    if target.endpoint:
        return  # no emulator counts
    allowed = target.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    films, chunks = int(functions["FILMS_AT_ONCE"]), int(functions["CHUNKS_AT_ONCE"])
    others = _other_stages(target)
    if films * chunks + sum(others.values()) + _FOR_THE_REST > allowed:
        beside = "".join(f", {width} of the stage {stage}" for stage, width in sorted(others.items()))
        raise DeployError(
            f"FILMS_AT_ONCE ({films}) times CHUNKS_AT_ONCE ({chunks}){beside} and {_FOR_THE_REST} for everything else "
            f"are more functions than this account may run at once ({allowed}). Ask AWS for more (Service Quotas, "
            f"Lambda, Concurrent executions), or set one of them lower. {memory(target)}".rstrip()
        )


def _other_stages(target: Target) -> dict[str, int]:
    """Return how many encoders each other stage that is deployed here may run at once."""
    pages = target.client("lambda").get_paginator("list_functions").paginate()
    found = {
        named["stage"]: function.get("Environment", {}).get("Variables", {})
        for page in pages
        for function in page["Functions"]
        if (named := _ENCODER.fullmatch(function["FunctionName"]))
    }
    return {
        stage: int(values.get("FILMS_AT_ONCE", 0)) * int(values.get("CHUNKS_AT_ONCE", 0))
        for stage, values in found.items()
        if stage != target.stage
    }


def memory(target: Target) -> str:
    """Say what a new account may have to ask for besides; empty if the encoder has no more memory than those get.

    No service tells an account's limit: Lambda names it when it refuses, and then half of the stage is made.
    """
    functions = environment.config(target.stage)["stages"][target.stage]["lambda_functions"]
    megabytes = options.transcode_memory(target) or functions["transcode"]["lambda_memory_size"]
    if target.endpoint or megabytes <= _NEW_ACCOUNTS_MEMORY:
        return ""
    return (
        f"The function transcode has {megabytes:,} MB of memory, many new accounts allow {_NEW_ACCOUNTS_MEMORY:,}: ask "
        f"AWS Support for more, or set TRANSCODE_MEMORY={_NEW_ACCOUNTS_MEMORY}."
    )
