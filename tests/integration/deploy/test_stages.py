"""Two stages in one account do not touch each other, and a stage that is removed leaves only what is protected."""

import shutil

import pytest

pytestmark = pytest.mark.long


def everything(site):
    """The names of all that is there."""
    return {
        "functions": {one["FunctionName"] for one in site.client("lambda").list_functions()["Functions"]},
        "layers": {one["LayerName"] for one in site.client("lambda").list_layers()["Layers"]},
        "buckets": {one["Name"] for one in site.client("s3").list_buckets()["Buckets"]},
        "tables": set(site.client("dynamodb").list_tables()["TableNames"]),
        "queues": {url.rpartition("/")[2] for url in site.client("sqs").list_queues().get("QueueUrls", [])},
        "secrets": {one["Name"] for one in site.client("secretsmanager").list_secrets()["SecretList"]},
        "roles": {one["RoleName"] for one in site.client("iam").list_roles()["Roles"]},
        "users": {one["UserName"] for one in site.client("iam").list_users()["Users"]},
        "apis": set(site.apis()),
        "machines": {one["name"] for one in site.client("stepfunctions").list_state_machines()["stateMachines"]},
        "alarms": {one["AlarmName"] for one in site.client("cloudwatch").describe_alarms()["MetricAlarms"]},
        "topics": {one["TopicArn"].rpartition(":")[2] for one in site.client("sns").list_topics()["Topics"]},
        "rules": {one["Name"] for one in site.client("events").list_rules()["Rules"]},
        "logs": {one["logGroupName"] for one in site.client("logs").describe_log_groups()["logGroups"]},
        "subscriptions": set(site.subscriptions()),
    }


def of(stage, found):
    """What of it belongs to a stage, as its name says."""
    return {kind: {name for name in names if stage in name} for kind, names in found.items() if kind != "apis"}


@pytest.fixture(scope="module")
def both(site):
    site.deploy()
    local = everything(site)
    site.deploy("--yes", stage="prod")
    return site, local


def test_prod_on_an_emulator_works_beside_local(both):
    site, _ = both
    base = site.values("prod")["VIDEOFLIX_GATEWAY_URL"]
    assert site.ask(base=base) == {"ok": True}
    assert site.values("prod")["API_BASE_URL"] == base
    assert site.ask() == {"ok": True}


def test_deploying_prod_touched_nothing_of_local(both):
    site, before = both
    assert all(names <= everything(site)[kind] for kind, names in before.items())
    assert site.deploy().startswith("Nothing changed.")


def test_prod_is_protected(both):
    site, _ = both
    for table in ("accounts", "catalogue"):
        name = f"videoflix-prod-{table}"
        assert site.client("dynamodb").describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"]
        backups = site.client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    versioning = site.client("s3").get_bucket_versioning(Bucket="videoflix-prod-uploads-000000000000")
    assert versioning["Status"] == "Enabled"


def test_nobody_at_the_keyboard_is_no_agreement(both):
    site, before = both
    with pytest.raises(AssertionError, match="Nobody is here to agree"):
        site.deploy(stage="local", module="infra.destroy")
    assert before["functions"] <= everything(site)["functions"]


def test_a_removed_local_stage_is_gone_and_prod_is_not(both):
    site, _ = both
    prod = of("prod", everything(site))
    site.client("s3").put_object(Bucket="videoflix-uploads", Key="film", Body=b"x")
    site.deploy("--yes", module="infra.destroy")
    found = everything(site)
    assert not any(of("local", found).values())
    assert not {"videoflix-uploads", "videoflix-media"} & found["buckets"]
    assert of("prod", found) == prod
    assert len(found["apis"]) == 1


def test_of_a_removed_prod_the_data_stays_and_is_found_again(both):
    site, _ = both
    row = {"pk": {"S": "kept"}, "sk": {"S": "row"}}
    site.client("dynamodb").put_item(TableName="videoflix-prod-accounts", Item=row)
    shutil.rmtree(site.stack.state / "prod")  # as from another machine
    site.deploy("--yes", stage="prod", module="infra.destroy")
    found = of("prod", everything(site))
    gone = ("functions", "roles", "users", "layers", "subscriptions", "machines", "alarms", "rules")
    assert not [found[kind] for kind in gone if found[kind]]
    assert found["tables"] == {"videoflix-prod-accounts", "videoflix-prod-catalogue"}
    site.deploy("--yes", stage="prod")
    assert "Item" in site.client("dynamodb").get_item(TableName="videoflix-prod-accounts", Key=row)
    assert site.ask(base=site.values("prod")["VIDEOFLIX_GATEWAY_URL"]) == {"ok": True}
