"""What the functions are told: a mistake here is a stack that starts and does not work."""

import pytest

from functions import settings
from infra import environment, targets
from infra.deployment import Deployment
from infra.targets import DeployError
from localstack.stack import read_env_file
from tests.unit.infra.conftest import OPERATOR, OUTPUTS


def of(stage, tmp_path, **said):
    return environment.of(targets.load(stage, tmp_path, said))


def test_local_addresses_follow_the_ports(tmp_path):
    values = of("local", tmp_path, VIDEOFLIX_API_PORT="1001", VIDEOFLIX_AWS_PORT="1002", VIDEOFLIX_WEB_PORT="1003")
    assert values["API_BASE_URL"] == "http://127.0.0.1:1001"
    assert values["MEDIA_BASE_URL"] == "http://127.0.0.1:1002"
    assert values["FRONTEND_BASE_URL"] == "http://127.0.0.1:1003"
    # the API serves a page as well (/api/docs/), which people open by either name
    assert values["CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:1003,http://localhost:1003,http://localhost:1001"


def test_with_our_own_page_off_a_frontend_at_its_usual_port_is_allowed(tmp_path):
    assert of("local", tmp_path, VIDEOFLIX_WEB_PORT="off")["FRONTEND_BASE_URL"] == "http://127.0.0.1:5500"


def test_the_operators_setting_wins_over_the_default(tmp_path):
    assert of("local", tmp_path, BCRYPT_ROUNDS="5")["BCRYPT_ROUNDS"] == "5"


def test_an_empty_setting_is_a_setting(tmp_path):
    """FRONTEND_BASE_URL= makes mail links point at the API."""
    assert of("local", tmp_path, FRONTEND_BASE_URL="")["FRONTEND_BASE_URL"] == ""


def test_names_of_resources_cannot_be_set_but_are_those_that_were_made(tmp_path):
    target = targets.load("local", tmp_path, {"UPLOADS_BUCKET": "somebody-elses", "STAGE": "prod"})
    values = environment.of(target, OUTPUTS)
    assert values["UPLOADS_BUCKET"] == "made-uploads"
    assert values["STAGE"] == "local"


@pytest.mark.parametrize("name", ["FRONTEND_BASE_URL", "MAIL_SENDER"])
def test_prod_without_what_only_the_operator_knows_is_refused_by_name(name, tmp_path):
    said = {key: value for key, value in OPERATOR.items() if key != name}
    with pytest.raises(DeployError, match=f"Setting {name} is missing"):
        of("prod", tmp_path, **said)


@pytest.mark.parametrize("name", ["API_BASE_URL", "FRONTEND_BASE_URL", "MEDIA_BASE_URL"])
def test_an_address_may_end_with_a_slash_and_what_is_put_behind_it_has_one(name, tmp_path):
    loaded = settings.load(of("local", tmp_path, **{name: "https://films.example.net/live/"}))
    assert getattr(loaded, name.lower()) == "https://films.example.net/live"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BCRYPT_ROUNDS", "many"),
        ("COOKIE_SECURE", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("LARGEST_RUNG", "900"),
        ("CHUNKS_AT_ONCE", "-1"),
        ("BCRYPT_ROUNDS", "2"),  # bcrypt takes 4 to 31: each registration would be an error
        ("BCRYPT_ROUNDS", "32"),
        ("FRONTEND_BASE_URL", "films.example.net"),  # no link in a mail would lead anywhere
        ("FRONTEND_BASE_URL", "https://films.example.net?from=mail"),
        ("API_BASE_URL", "api.example.net"),
        ("API_BASE_URL", "https:///api"),
        ("MEDIA_BASE_URL", "s3://media"),
        ("MAIL_SENDER", "Videoflix <no-reply@example.net>"),  # it becomes part of a header and of a right
        ("MAIL_SENDER", "nobody"),
        ("MAIL_SENDER", "a@example.net,b@example.net"),
    ],
)
def test_a_malformed_setting_stops_with_its_name_and_without_its_value(name, value, tmp_path):
    with pytest.raises(DeployError, match=name) as caught:
        of("local", tmp_path, **{name: value})
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BCRYPT_ROUNDS", "4"),
        ("FRONTEND_BASE_URL", "https://example.org/films/"),
        ("API_BASE_URL", "http://[::1]:8000"),
        ("MEDIA_BASE_URL", "http://local_stack:4566"),
        ("MAIL_SENDER", "no-reply+films@mail.example.org"),
    ],
)
def test_what_works_is_passed_on_as_it_is(name, value, tmp_path):
    assert of("local", tmp_path, **{name: value})[name] == value


def test_a_larger_file_than_s3_takes_in_a_thousand_parts_is_refused_here(tmp_path):
    """It would be refused by S3, after hours of sending."""
    with pytest.raises(DeployError, match="Setting MAX_UPLOAD_SIZE must be at most 4000000000000"):
        of("local", tmp_path, MAX_UPLOAD_SIZE="4000000000001")


@pytest.mark.parametrize("name", ["FILMS_AT_ONCE", "CHUNKS_AT_ONCE"])
def test_none_at_once_is_refused(name, tmp_path):
    """No film would ever be encoded; and Step Functions reads a MaxConcurrency of 0 as no limit at all."""
    with pytest.raises(DeployError, match=f"Setting {name} must be at least 1"):
        of("local", tmp_path, **{name: "0"})


@pytest.mark.parametrize("stage", ["local", "localstack"])
def test_one_machine_encodes_as_many_chunks_at_once_as_it_has_processors(stage, tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 12)
    assert of(stage, tmp_path)["CHUNKS_AT_ONCE"] == "12"
    assert of(stage, tmp_path, CHUNKS_AT_ONCE="3")["CHUNKS_AT_ONCE"] == "3"
    assert of("prod", tmp_path, **OPERATOR)["CHUNKS_AT_ONCE"] == "150"


@pytest.mark.parametrize("origins", ["*", "https://*.example.org", "null", "https://a.example/path"])
def test_an_origin_that_is_not_exact_is_refused(origins, tmp_path):
    """With a wildcard every page on the web could act as its visitor."""
    with pytest.raises(DeployError, match="CORS_ALLOWED_ORIGINS"):
        of("local", tmp_path, CORS_ALLOWED_ORIGINS=origins)


def test_origins_are_passed_on_as_the_functions_compare_them(tmp_path):
    """Browsers send lower case and no port that the scheme has by itself."""
    said = {"CORS_ALLOWED_ORIGINS": "https://A.example/ , http://[::1]:5500,https://b.example:443,http://c.example:80"}
    passed_on = of("local", tmp_path, **said)["CORS_ALLOWED_ORIGINS"]
    assert passed_on == "https://a.example,http://[::1]:5500,https://b.example,http://c.example"


@pytest.mark.parametrize("port", ["http://c.example:443", "https://c.example:80", "https://c.example:8443"])
def test_a_port_that_is_not_the_schemes_own_is_part_of_the_origin(port, tmp_path):
    assert of("local", tmp_path, CORS_ALLOWED_ORIGINS=port)["CORS_ALLOWED_ORIGINS"] == port


@pytest.mark.parametrize("empty", [{}, {"CORS_ALLOWED_ORIGINS": ""}, {"CORS_ALLOWED_ORIGINS": " , "}])
def test_the_frontend_may_call_the_api_where_no_origins_are_set(empty, tmp_path):
    """Whoever had set its address alone was told that origins are missing."""
    said = {name: value for name, value in OPERATOR.items() if name != "CORS_ALLOWED_ORIGINS"}
    said |= {"FRONTEND_BASE_URL": "https://Films.example.org:443/live/", **empty}
    assert of("prod", tmp_path, **said)["CORS_ALLOWED_ORIGINS"] == "https://films.example.org"


def test_with_neither_a_frontend_nor_origins_prod_is_refused(tmp_path):
    said = OPERATOR | {"FRONTEND_BASE_URL": "", "CORS_ALLOWED_ORIGINS": ""}
    with pytest.raises(DeployError, match="Setting CORS_ALLOWED_ORIGINS is missing"):
        of("prod", tmp_path, **said)


def test_a_frontend_of_ones_own_may_call_the_local_stack_beside_our_page(tmp_path):
    """Each of its calls that changes something was answered with 403."""
    values = of("local", tmp_path, FRONTEND_BASE_URL="http://127.0.0.1:3000/app")
    assert values["CORS_ALLOWED_ORIGINS"].split(",") == [
        "http://127.0.0.1:3000",
        "http://127.0.0.1:5500",
        "http://localhost:3000",
        "http://localhost:5500",
        "http://localhost:8000",
    ]


def test_a_frontend_whose_host_no_domain_could_have_may_call_the_local_stack(tmp_path):
    """Names of containers have underscores, and browsers take them."""
    values = of("local", tmp_path, FRONTEND_BASE_URL="http://my_page:3000")
    assert "http://my_page:3000" in values["CORS_ALLOWED_ORIGINS"].split(",")


@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_a_stage_that_others_reach_is_as_safe_as_prod_whatever_its_name(stage, tmp_path):
    """On AWS itself `dev` answered registrations with their tokens, and sent cookies over plain HTTP."""
    assert of(stage, tmp_path, **OPERATOR) == of("prod", tmp_path, **OPERATOR) | {"STAGE": stage}


@pytest.mark.parametrize("stage", ["local", "localstack", "prod", "staging", "dev"])
def test_no_function_gets_a_credential_or_an_endpoint(stage, tmp_path):
    """Lambda reserves these names and gives each function those of its own role."""
    values = of(stage, tmp_path, **OPERATOR)
    assert not [name for name in values if name.startswith("AWS_")]
    assert settings.load(values).stage == stage


def test_the_apis_own_address_is_used_once_it_is_known(prod):
    assert environment.of(prod, OUTPUTS, "https://abc.execute-api")["API_BASE_URL"] == "https://abc.execute-api"


def test_a_domain_of_ones_own_wins_over_the_apis_address(tmp_path):
    target = targets.load("prod", tmp_path, {**OPERATOR, "API_BASE_URL": "https://api.example.org"})
    assert environment.of(target, OUTPUTS, "https://abc.execute-api")["API_BASE_URL"] == "https://api.example.org"


@pytest.mark.parametrize(("stage", "region"), [("local", "us-east-1"), ("prod", "eu-central-1")])
def test_the_programs_of_this_machine_are_told_the_region(stage, region, tmp_path):
    """`manage.py --stage prod` would find no service at all: AWS's clients know no region by themselves."""
    deployment = Deployment(targets.load(stage, tmp_path, OPERATOR), lambda _text: None)
    deployment.outputs = OUTPUTS
    deployment.write_environment("https://api.example.org")
    assert read_env_file(tmp_path / f"{stage}.env")["AWS_DEFAULT_REGION"] == region
