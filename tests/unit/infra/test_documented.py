"""Code, `.env.example`, `.chalice/config.json` and the README name the same settings."""

import dataclasses
import json
import re

import pytest

from functions.settings import Settings, load
from infra import environment, options, project
from infra.targets import ROOT

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
CODE = {field.name.upper() for field in dataclasses.fields(Settings)}
LISTED = set(re.findall(r"^#([A-Z_]+)=", EXAMPLE, re.MULTILINE))
ON_ONE_MACHINE = ("dev", "local", "localstack")


def words_read_by_programs():
    """Every VIDEOFLIX_ name in the programs' source."""
    files = [path for folder in ("localstack", "infra") for path in (ROOT / folder).rglob("*.py")]
    files += [ROOT / name for name in ("manage.py", "compose.yml", "Dockerfile")]
    found = {name for path in files for name in re.findall(r"\bVIDEOFLIX_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    return found - {"VIDEOFLIX_GATEWAY_URL"}  # written by the deployment, not read


def test_every_setting_of_the_code_is_explained_and_nothing_else_is():
    assert CODE | words_read_by_programs() | {"AWS_REGION", *options.NAMES} == LISTED


def test_every_setting_has_a_meaning_above_it():
    for name in LISTED:
        above = EXAMPLE.split(f"\n#{name}=")[0].splitlines()[-1]
        assert re.match(r"# \S", above), name


def test_the_file_sets_nothing_when_it_is_copied_as_it_is():
    assert not re.findall(r"^[A-Z_]+=", EXAMPLE, re.MULTILINE)


def test_settings_of_the_local_stack_stand_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\| `(VIDEOFLIX_[A-Z_]+)`", readme, re.MULTILINE))
    assert {"VIDEOFLIX_API_PORT", "VIDEOFLIX_AWS_PORT", "VIDEOFLIX_WEB_PORT", "VIDEOFLIX_STATE"} <= shown <= LISTED


@pytest.mark.parametrize("stage", sorted(CONFIG["stages"]))
def test_plain_chalice_finds_every_setting_in_the_configuration(stage):
    values = CONFIG["stages"][stage]["environment_variables"]
    assert {name for name in values if not name.startswith("AWS_")} == CODE
    load(values)


def test_plain_chalice_works_with_its_own_default_stage():
    assert CONFIG["stages"]["dev"] == CONFIG["stages"]["local"]


def test_plain_chalice_local_reaches_the_emulator_on_its_default_port_and_no_other_stage_does():
    local = CONFIG["stages"]["local"]["environment_variables"]
    assert local["AWS_ENDPOINT_URL"] == local["MEDIA_BASE_URL"] == "http://127.0.0.1:4566"
    for stage in ("localstack", "prod"):
        values = CONFIG["stages"][stage]["environment_variables"]
        assert not [name for name in values if name.startswith("AWS_")], stage


@pytest.mark.parametrize("stage", sorted(CONFIG["stages"]))
def test_every_function_has_a_role_of_its_own_and_chalice_makes_none(stage):
    assert CONFIG["autogen_policy"] is CONFIG["manage_iam_role"] is False
    functions = CONFIG["stages"][stage]["lambda_functions"]
    assert functions.keys() == project.ROLES.keys()
    roles = [function["iam_role_arn"] for function in functions.values()]
    assert len(set(roles)) == len(roles)
    assert not any(function["manage_iam_role"] for function in functions.values())


def test_the_gateways_stage_is_not_called_as_the_routes_begin():
    """An address with /api/api/ in it would be the result."""
    assert {stage["api_gateway_stage"] for stage in CONFIG["stages"].values()} == {"live"}


def test_prod_hides_what_only_developers_may_see():
    values = load(CONFIG["stages"]["prod"]["environment_variables"])
    assert not values.expose_activation_token
    assert not values.publish_by_default
    assert values.cookie_secure
    assert not values.env


@pytest.mark.parametrize("stage", ["staging", "dev"])
def test_a_stage_of_another_name_is_made_like_prod(stage):
    """`dev` as well, which stands there for plain `chalice` on one machine."""
    assert environment.config(stage)["stages"] == {stage: CONFIG["stages"]["prod"]}
