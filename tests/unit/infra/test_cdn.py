"""A stage on AWS serves media by CloudFront: the order of its making, the key that signs, and who is let in."""

import json

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from functions.delivery.cloudfront import CloudFrontSigner
from infra import chalice_record, deployment, environment, follow_up, media_key, note, page, quotas, stacks, targets
from infra.deployment import Deployment
from infra.stacks import Action, StackPlan
from tests.unit.infra.conftest import OPERATOR
from tests.unit.infra.test_templates import of_type, resources

SECRET = "made/media-signer"
ACCESS = {"access_key_id": "AKIA", "secret_access_key": "secret"}
MADE = {
    "artifacts": {"ArtifactsBucket": "made-artifacts"},
    "data": {"MediaBucket": "made-media", "IngestDeadQueueArn": "arn:made:dead"},
    "access": {"MediaSignerUser": "made-signer", "MediaSignerSecret": SECRET},
    "engine": {},
    "cdn": {
        "CloudFrontDomain": "d1.cloudfront.net",
        "CloudFrontKeyPairIdA": "K1",
        "CloudFrontKeyPairIdB": "K2",
        "DistributionArn": "arn:made:dist",
    },
    "page": {"PageBucket": "made-page", "PageDomain": "d2.cloudfront.net"},
}


@pytest.fixture
def aws(account):
    """An account with the secret that the stack of the rights makes."""
    account.client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps(ACCESS))
    return account


def kept(aws):
    return json.loads(aws.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"])


class TestKey:
    def test_it_is_made_once_and_what_the_functions_read_signs_for_the_distribution(self, aws):
        assert media_key.public_halves(aws, None) == media_key.public_halves(aws, SECRET) == {"A": "", "B": ""}
        assert len(media_key.make(aws, SECRET)) == 1
        public = media_key.public_halves(aws, SECRET)["A"]
        assert load_pem_public_key(public.encode()).curve.name == "secp256r1"
        assert len(media_key.complete(aws, SECRET, MADE["cdn"])) == 1
        assert media_key.make(aws, SECRET) == media_key.complete(aws, SECRET, MADE["cdn"]) == []
        assert media_key.public_halves(aws, SECRET) == {"A": public, "B": ""}
        assert kept(aws).items() >= ACCESS.items()
        url = CloudFrontSigner(**kept(aws)["cloudfront"]).window(0, 3600)("1/v/480p/000.ts")
        assert url.startswith("https://d1.cloudfront.net/1/v/480p/000.ts?")
        assert url.endswith("&Key-Pair-Id=K1")

    def test_a_new_access_key_of_the_signer_keeps_it(self, aws):
        """Else every URL would be refused until the distribution had the new one."""
        aws.client("iam").create_user(UserName="made-signer")
        media_key.make(aws, SECRET)
        before = kept(aws)["cloudfront"]
        follow_up.after_access(aws, "made-signer", SECRET)
        assert kept(aws)["access_key_id"] != "AKIA"
        assert kept(aws)["cloudfront"] == before


class TestAccessKey:
    def test_a_new_one_signs_and_the_former_one_lives_until_the_next_time(self, aws):
        """Else every address that was handed out would die at once."""
        iam = aws.client("iam")
        iam.create_user(UserName="made-signer")
        follow_up.after_access(aws, "made-signer", SECRET)
        used = [kept(aws)["access_key_id"]]
        for _ in range(2):
            follow_up.after_access(aws, "made-signer", SECRET, rotate=True)
            used.append(kept(aws)["access_key_id"])
            alive = {one["AccessKeyId"] for one in iam.list_access_keys(UserName="made-signer")["AccessKeyMetadata"]}
            assert alive == set(used[-2:])
        assert len(set(used)) == 3


@pytest.fixture
def made(aws, monkeypatch):
    """Deployments that only note which stacks they make, with which parameters."""
    done = []

    def apply(planned, _tell):
        done.append((planned.stack.part, dict(planned.stack.parameters)))
        return MADE[planned.stack.part]

    monkeypatch.setattr(stacks, "plan", lambda stack: StackPlan(stack, Action.CREATE))
    monkeypatch.setattr(stacks, "apply", apply)
    monkeypatch.setattr(stacks, "describe", lambda _stack: None)
    for module, names in (
        (follow_up, ("after_data", "after_access", "after_functions", "mail_records")),
        (Deployment, ("_upload_layer", "_deploy_functions", "write_environment")),
        (note, ("begin", "finish")),
        (quotas, ("check",)),
    ):
        for name in names:
            monkeypatch.setattr(module, name, lambda *_, **__: [])
    return done


NEW = deployment.Plan(fingerprint="f", deployed=None, stacks=(), unchanged=False)


def deploy(target, **how):
    Deployment(target, lambda _text: None, **how).act(NEW)


def keys(made):
    """The public keys that each making of the distribution knew."""
    return [(one["PublicKeyA"], one["PublicKeyB"]) for part, one in made if part == "cdn"]


def test_a_new_key_signs_only_when_the_distribution_knows_it_and_the_former_one_stays_known(made, aws):
    deploy(aws)
    (first, _), made[:] = keys(made)[0], []
    deploy(aws, rotate_media_key=True)
    (_, second), now = keys(made)[-1], kept(aws)["cloudfront"]
    assert keys(made) == [(first, ""), (first, second)]
    assert now["key_pair_id"] == "K2"
    assert media_key.public_halves(aws, SECRET) == {"A": first, "B": second}
    made.clear()
    deploy(aws)
    assert keys(made) == [(first, second)]
    assert kept(aws)["cloudfront"] == now
    made.clear()
    deploy(aws, rotate_media_key=True)
    third = keys(made)[-1][0]
    assert keys(made) == [("", second), (third, second)]
    assert kept(aws)["cloudfront"]["key_pair_id"] == "K1"
    assert len({first, second, third}) == 3


def test_the_bucket_lets_the_distribution_in_as_soon_as_it_has_a_name(made, aws):
    deploy(aws)
    assert [part for part, _ in made] == ["artifacts", "data", "access", "engine", "cdn", "data"]
    assert [parameters["DistributionArn"] for part, parameters in made if part == "data"] == ["", "arn:made:dist"]
    cdn = made[4][1]
    assert cdn["PublicKeyA"] == media_key.public_halves(aws, SECRET)["A"]
    assert cdn["FrontendOrigins"] == OPERATOR["CORS_ALLOWED_ORIGINS"]
    assert kept(aws)["cloudfront"].keys() == {"private_key", "domain", "key_pair_id"}
    assert "PRIVATE" not in json.dumps(made)


def test_a_stage_that_wants_none_gets_none(made, aws, tmp_path):
    deploy(targets.load("prod", tmp_path, {**OPERATOR, "MEDIA_SIGNING": "s3"}))
    assert [part for part, _ in made] == ["artifacts", "data", "access", "engine"]
    assert kept(aws) == ACCESS


def test_who_serves_by_another_way_leaves_the_distribution_in_for_the_addresses_that_are_out(
    made, aws, tmp_path, monkeypatch
):
    """Else every film would stop in the minutes between the bucket's change and the functions'."""
    target = targets.load("prod", tmp_path, {**OPERATOR, "MEDIA_SIGNING": "s3"})
    there = [{"OutputKey": name, "OutputValue": value} for name, value in MADE["cdn"].items()]
    monkeypatch.setattr(stacks, "describe", lambda stack: {"Outputs": there} if stack.part == "cdn" else None)
    run = Deployment(target, lambda _text: None)
    run.act(run.plan())
    assert [parameters["DistributionArn"] for part, parameters in made if part == "data"] == ["arn:made:dist"]
    assert "cdn" not in [part for part, _ in made]


def test_with_certificates_the_page_comes_last_and_the_missing_dns_records_are_told(made, aws, tmp_path, monkeypatch):
    settings = {
        "API_BASE_URL": "https://api.example.org",
        "API_CERTIFICATE_ARN": "arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c",
        "PAGE_CERTIFICATE_ARN": "arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c",
    }
    target = targets.load("prod", tmp_path, {**OPERATOR, **settings})
    domain = {"resource_type": "domain_name", "name": "api", "alias_domain_name": "d-1.execute-api.example.net"}
    monkeypatch.setattr(Deployment, "_deploy_functions", lambda *_: settings["API_BASE_URL"])
    monkeypatch.setattr(chalice_record, "resources", lambda _target: [domain])
    monkeypatch.setattr(page, "upload", lambda *_: [])
    monkeypatch.setattr(follow_up, "mail_records", lambda *_: ["a._domainkey.example.org CNAME a.dkim.example.net"])
    said = []
    Deployment(target, said.append).act(NEW)
    assert [part for part, _ in made][-2:] == ["data", "page"]
    assert made[-1][1]["Domain"] == "films.example.org"
    assert "https://d1.cloudfront.net" in made[-1][1]["ContentSecurityPolicy"]
    assert [line for line in said if line.startswith("DNS: ")] == [
        "DNS: a._domainkey.example.org CNAME a.dkim.example.net",
        "DNS: api.example.org CNAME d-1.execute-api.example.net",
        "DNS: films.example.org CNAME d2.cloudfront.net",
    ]


def test_the_plan_names_the_distribution(made, aws):
    parts = [one.stack.part for one in Deployment(aws, lambda _text: None).plan().stacks]
    assert parts == ["artifacts", "data", "access", "engine", "cdn"]


def test_before_an_emulator_media_come_from_storage_itself(tmp_path):
    """No emulator has a CloudFront that serves anything."""
    said = {**OPERATOR, "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "MEDIA_SIGNING": "cloudfront"}
    assert environment.of(targets.load("prod", tmp_path, said))["MEDIA_SIGNING"] == "s3"
    assert environment.of(targets.load("prod", tmp_path, OPERATOR))["MEDIA_SIGNING"] == "cloudfront"
    assert environment.of(targets.load("local", tmp_path, {}))["MEDIA_SIGNING"] == "s3"


def test_nothing_is_served_without_a_signature_and_all_over_https():
    distribution = resources("cdn")["Distribution"]["Properties"]
    behaviour = distribution["DistributionConfig"]["DefaultCacheBehavior"]
    assert behaviour["TrustedKeyGroups"] == [{"Ref": "SigningKeys"}]
    assert behaviour["ViewerProtocolPolicy"] == "https-only"
    assert "CacheBehaviors" not in distribution["DistributionConfig"]
    assert set(behaviour["AllowedMethods"]) == {"GET", "HEAD", "OPTIONS"}


def test_players_of_exactly_our_frontends_may_fetch_with_credentials():
    """A browser refuses a star to a request with credentials."""
    policy = resources("cdn")["Headers"]["Properties"]
    cors = policy["ResponseHeadersPolicyConfig"]["CorsConfig"]
    assert cors["AccessControlAllowCredentials"] is True
    assert cors["AccessControlAllowOrigins"]["Items"] == {"Ref": "FrontendOrigins"}
    assert "*" not in json.dumps(cors)
    assert "Range" in cors["AccessControlAllowHeaders"]["Items"]


def test_the_bucket_lets_in_that_distribution_and_no_other():
    (media,) = [one for name, one in of_type("AWS::S3::BucketPolicy").items() if name == "MediaPolicy"]
    wrapped = media["PolicyDocument"]["Statement"][1]["If"]
    assert wrapped[0] == "HasDistribution"
    assert wrapped[1]["Condition"] == {"StringEquals": {"aws:SourceArn": {"Ref": "DistributionArn"}}}
    assert wrapped[1]["Action"] == "s3:GetObject"
    assert resources("cdn")["BucketAccess"]["Properties"]["OriginAccessControlConfig"]["SigningBehavior"] == "always"
