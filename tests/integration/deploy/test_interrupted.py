"""A deployment that was killed at its worst moments is finished by the next one, and leaves nothing twice."""

import pytest

MOMENTS = (
    "Stack videoflix-local-data: create",
    "Stack videoflix-local-access: create",
    "Stack videoflix-local-engine: create",
    "Creating lambda function: videoflix-local-ingest",
    "Subscribing videoflix-local-send_mail",
    "Creating Rest API",
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_when_it_said(site, moment):
    site.deploy_killed_at(moment)


def test_the_next_run_finishes(site):
    said = site.deploy()
    assert "Done." in said
    assert site.ask("/readyz/")["ok"] is True


def test_there_is_one_of_everything(site):
    assert len(site.apis()) == 1
    assert site.subscriptions() == ["videoflix-local-mail"]
    functions = site.client("lambda").list_functions()["Functions"]
    assert len(functions) == 5
    notified = site.client("s3").get_bucket_notification_configuration(Bucket="videoflix-uploads")
    assert len(notified["LambdaFunctionConfigurations"]) == 1
    assert len(site.client("iam").list_access_keys(UserName="videoflix-local-media-signer")["AccessKeyMetadata"]) == 1


def test_then_there_is_nothing_to_do(site):
    assert site.deploy().startswith("Nothing changed.")
