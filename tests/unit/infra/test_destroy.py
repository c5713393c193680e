"""A stage is removed whole, from whichever machine."""

from infra import chalice_record, chalice_run, note
from infra.destroy import destroy


def test_another_machine_than_the_one_that_deployed_removes_what_only_chalice_knew_of(account, monkeypatch):
    """A domain of one's own keeps its API from being deleted, and a schedule would call a function that is gone."""
    made = [
        {"name": "api_gateway_custom_domain", "resource_type": "domain_name", "domain_name": "api.example.org"},
        {"name": "watchdog-event", "resource_type": "cloudwatch_event", "rule_name": "videoflix-prod-watchdog-event"},
    ]
    s3 = account.client("s3")
    region = {"LocationConstraint": account.region}
    s3.create_bucket(Bucket=note.artifacts_bucket(account), CreateBucketConfiguration=region)
    chalice_record.write(account, made)
    note.finish(account, "fingerprint")
    account.record.unlink()  # another machine has none
    removed = []
    monkeypatch.setattr(chalice_run, "delete", lambda target, _tell: removed.extend(chalice_record.resources(target)))
    destroy(account, yes=True)
    assert removed == made
    # the rest of the removal may have been interrupted: Chalice finds nothing any more, and would say so as an error
    assert note.read(account).resources == []
