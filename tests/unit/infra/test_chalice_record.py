"""What Chalice believes it deployed: it would remove what it finds there and not in its project."""

import pytest

from infra import chalice_record


def deployed(region, account):
    """A record as Chalice itself writes it, which says nowhere else where it was."""
    arn = f"arn:aws:lambda:{region}:{account}:function:videoflix-prod-ingest"
    return [
        {"name": "ingest", "resource_type": "lambda_function", "lambda_arn": arn},
        {"name": "on_upload", "resource_type": "s3_event", "bucket": "videoflix-prod-uploads", "lambda_arn": arn},
        {"name": "api_gateway_custom_domain", "resource_type": "domain_name", "domain_name": "api.example.org"},
    ]


@pytest.mark.parametrize("where", [("eu-central-1", "999999999999"), ("us-east-1", "123456789012")])
def test_the_record_of_a_stage_of_that_name_elsewhere_is_not_this_ones(account, where):
    """Chalice would take the other account's bucket out of this one's record, and be refused each time."""
    chalice_record.write(account, deployed(*where))
    assert chalice_record.resources(account) == []
    assert chalice_record.adopt(account, [], "live") == []
    assert not account.record.exists()


def test_back_in_the_first_account_its_own_note_says_what_there_is(account):
    noted = deployed("eu-central-1", "123456789012")
    chalice_record.write(account, deployed("eu-central-1", "999999999999"))
    assert chalice_record.adopt(account, noted, "live") == noted[1:], "the function itself is gone, so Chalice makes it"


def test_what_cannot_be_looked_up_is_kept_of_the_stages_own_record(account):
    chalice_record.write(account, deployed("eu-central-1", "123456789012"))
    kept = [one["resource_type"] for one in chalice_record.adopt(account, [], "live")]
    assert kept == ["s3_event", "domain_name"]
