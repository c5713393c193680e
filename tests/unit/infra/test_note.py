"""Names of buckets and roles are one for all regions: a stage that is deployed in another one is left as it is."""

import pytest

from infra import note, targets
from infra.deployment import Deployment
from infra.destroy import destroy
from infra.targets import DeployError


def make(bucket, target, region):
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client = targets._client(target.stage, target.endpoint, region, "s3")
    client.create_bucket(Bucket=bucket, **where)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_stage_of_another_region_is_refused_before_anything_is_changed(account, region):
    """Its note was found all the same, and written over, before its buckets stood in the way."""
    make(note.artifacts_bucket(account), account, region)
    note.finish(account, "whole")
    for act in (Deployment(account, print).plan, lambda: destroy(account, yes=True)):
        with pytest.raises(DeployError, match=rf"is in {region}, .* says eu-central-1.*STAGE=prod2"):
            act()
    assert note.read(account).fingerprint == "whole"


def test_a_stage_of_this_region_and_one_that_is_new_are_let_pass(account):
    note.check_region(account)
    make(note.artifacts_bucket(account), account, account.region)
    note.check_region(account)


def test_the_data_of_a_stage_that_was_removed_is_looked_for_as_well(account):
    """It would stand in the way after the first stack was made."""
    make(f"videoflix-prod-uploads-{account.account}", account, "eu-west-1")
    with pytest.raises(DeployError, match="is in eu-west-1"):
        note.check_region(account)
