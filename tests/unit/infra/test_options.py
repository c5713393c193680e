"""Domains of one's own and the sender's identity: a choice that cannot work stops before anything is touched."""

import pytest

from infra import environment, options, targets
from infra.targets import DeployError
from tests.unit.infra.conftest import OPERATOR

HERE = "arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c"
CLOUDFRONTS = "arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c"


def chosen(tmp_path, stage="prod", **settings):
    target = targets.load(stage, tmp_path, {**OPERATOR, **settings})
    return options.load(target, environment.of(target))


def test_without_certificates_there_are_no_domains_of_ones_own(tmp_path):
    found = chosen(tmp_path)
    assert (found.api_domain, found.page_domain) == ("", "")


def test_certificates_give_the_addresses_their_hosts(tmp_path):
    found = chosen(
        tmp_path,
        API_BASE_URL="https://api.example.org",
        API_CERTIFICATE_ARN=HERE,
        PAGE_CERTIFICATE_ARN=CLOUDFRONTS,
    )
    assert (found.api_domain, found.page_domain) == ("api.example.org", "films.example.org")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PAGE_CERTIFICATE_ARN": HERE}, "PAGE_CERTIFICATE_ARN must be the ARN of an ACM certificate in us-east-1"),
        ({"API_CERTIFICATE_ARN": "mine"}, "API_CERTIFICATE_ARN must be the ARN of an ACM certificate in eu-central-1"),
        ({"API_CERTIFICATE_ARN": HERE}, "API_BASE_URL must be https:// and a host name alone"),
        ({"MONTHLY_BUDGET": "much"}, "MONTHLY_BUDGET must be whole US dollars"),
        ({"MONTHLY_BUDGET": "0"}, "MONTHLY_BUDGET must be whole US dollars"),
        *(
            ({"TRANSCODE_MEMORY": value}, "TRANSCODE_MEMORY must be megabytes, from 1024 to 10240")
            for value in ("much", "1023", "10241", "3008 MB")
        ),
        ({"MAIL_IDENTITY": "both"}, "MAIL_IDENTITY must be domain or address"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "PAGE_CERTIFICATE_ARN": CLOUDFRONTS},
            "PAGE_CERTIFICATE_ARN is for AWS",
        ),
    ],
)
def test_what_cannot_work_is_refused_by_name(tmp_path, settings, sentence):
    with pytest.raises(DeployError, match=sentence):
        chosen(tmp_path, **settings)


def test_on_aws_mails_are_those_of_a_domain_which_signs_them(tmp_path):
    assert chosen(tmp_path).mail_identity == "example.org"
    assert chosen(tmp_path, MAIL_IDENTITY="address").mail_identity == "films@example.org"


def test_an_emulator_knows_the_address_alone(tmp_path):
    assert chosen(tmp_path, "local").mail_identity == OPERATOR["MAIL_SENDER"]
