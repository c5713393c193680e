"""What the services are asked for after CloudFormation, and that nothing is asked for twice."""

import pytest

from infra import follow_up, stacks
from infra.stacks import Stack


@pytest.fixture
def uploads(account):
    s3 = account.client("s3")
    s3.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return s3


@pytest.fixture
def data(account, uploads, monkeypatch):
    """The stack of the data, of which there is a bucket."""
    monkeypatch.setattr(stacks, "physical_names", lambda _stack: {"Uploads": "uploads"})
    return Stack(account, "data", {}, protected=True)


def test_a_bucket_forgets_what_the_template_says_in_s3s_own_words(data, uploads):
    assert follow_up.after_data(data) == ["lifecycle of uploads"]
    rules = uploads.get_bucket_lifecycle_configuration(Bucket="uploads")["Rules"]
    former = next(rule for rule in rules if rule["ID"] == "forget-replaced-films")
    assert former["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert former["Expiration"] == {"ExpiredObjectDeleteMarker": True}
    assert follow_up.after_data(data) == []
