"""The operator's commands about people and keys."""

import json

import pytest

from functions import settings
from functions.accounts import people
from functions.cli import people as commands
from functions.cli.frame import main
from tests.unit import clients
from tests.unit.accounts.browser import EMAIL, NEW_PASSWORD, PASSWORD


def run(*argv):
    return main(argv, lambda _stage: None)


def test_seeding_makes_the_demo_account_and_doing_it_again_is_fine(somebody, capsys):
    assert [run("seed"), run("seed")] == [0, 0]
    assert somebody.log_in().json_body["user"] == {"id": 1, "username": EMAIL}
    assert f"Account 1 ({EMAIL}): active" in capsys.readouterr().out


@pytest.mark.parametrize("stage", ["prod", "live"])
def test_asvs_6_3_2_a_public_password_is_not_seeded_where_it_would_matter(stage, tables, environment, capsys):
    environment.setenv("STAGE", stage)
    settings.current.cache_clear()
    assert run("seed") == 1
    assert "made on local stages only" in capsys.readouterr().err
    assert people.find_by_email(EMAIL) is None


def test_an_administrator_is_staff_and_active(somebody, capsys):
    assert run("create_admin", "--email", "Boss@example.com", "--password", NEW_PASSWORD, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"id": 1, "email": "boss@example.com", "staff": True, "active": True}
    somebody.log_in("boss@example.com", NEW_PASSWORD)
    assert somebody.get("/api/account/").json_body["is_staff"] is True


def test_an_account_that_becomes_staff_has_the_new_password_from_then_on_and_the_help_says_so(viewer, capsys):
    """Whoever only meant to promote somebody had locked them out."""
    assert run("create_admin", "--email", EMAIL, "--password", NEW_PASSWORD) == 0
    assert not viewer.is_logged_in()
    assert viewer.log_in().status_code == 400
    assert viewer.log_in(password=NEW_PASSWORD).status_code == 200
    capsys.readouterr()
    with pytest.raises(SystemExit):
        run("create_admin", "--help")
    help_text = " ".join(capsys.readouterr().out.split())
    assert "its password is replaced, and if that is another one, its sessions end" in help_text


def test_an_account_that_becomes_staff_with_the_password_that_it_has_stays_logged_in(viewer):
    assert run("create_admin", "--email", EMAIL, "--password", PASSWORD) == 0
    assert viewer.is_logged_in()


def test_where_nobody_can_be_asked_for_a_password_that_is_said(tables, monkeypatch, capsys):
    def nobody(_prompt):
        raise EOFError

    monkeypatch.setattr(commands.getpass, "getpass", nobody)
    assert run("create_admin", "--email", "boss@example.com", "--json") == 1
    assert "give it with --password" in json.loads(capsys.readouterr().out)["error"]


def test_a_password_that_is_not_on_the_command_line_is_asked_for_twice(tables, monkeypatch, capsys):
    typed = [NEW_PASSWORD, "typed wrong", NEW_PASSWORD, NEW_PASSWORD]
    monkeypatch.setattr(commands.getpass, "getpass", lambda _prompt: typed.pop(0))
    assert run("create_admin", "--email", "boss@example.com") == 1
    assert "differ" in capsys.readouterr().err
    assert run("create_admin", "--email", "boss@example.com") == 0
    assert people.find_by_email("boss@example.com").is_staff


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [("boss@example.com", "password1", "too common"), ("no address", NEW_PASSWORD, "valid email")],
)
def test_an_administrator_gets_no_weak_password_and_no_wrong_address(tables, capsys, email, password, said):
    assert run("create_admin", "--email", email, "--password", password) == 1
    assert said in capsys.readouterr().err


def test_asvs_7_4_5_deactivating_ends_sessions_and_activating_lets_in_again(viewer, capsys):
    assert run("deactivate", EMAIL.upper()) == 0
    assert "inactive" in capsys.readouterr().out
    assert not viewer.is_logged_in()
    assert viewer.log_in().status_code == 403
    assert run("activate", EMAIL) == 0
    assert viewer.log_in().status_code == 200


def test_staff_s_rights_can_be_taken_back_at_once_and_doing_it_again_is_fine(viewer, capsys):
    """An account that was staff once could never be anything else."""
    people.seed(EMAIL, PASSWORD, staff=True)
    assert run("revoke_admin", EMAIL.upper(), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"id": 1, "email": EMAIL, "staff": False, "active": True}
    assert not viewer.is_logged_in()
    assert viewer.log_in().status_code == 200
    assert viewer.get("/api/users/").status_code == 403
    assert run("revoke_admin", EMAIL) == 0
    assert viewer.is_logged_in(), "nothing changed, so nobody is logged out"


def test_activating_spares_somebody_the_mailed_link(somebody, clock):
    somebody.register("new@example.com")
    assert run("deactivate", "new@example.com") == 0
    assert run("activate", "new@example.com") == 0
    clock.shift(4 * 24 * 3600)
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 200


def test_a_dry_run_says_what_would_be_and_changes_nothing(viewer, capsys):
    password = ("--password", NEW_PASSWORD)
    for command, said in (
        (("seed",), f"Account 1 ({EMAIL}) would be active"),
        (("create_admin", "--email", "New@example.com", *password), "A new account (new@example.com) would be staff, "),
        (("create_admin", "--email", EMAIL, *password), f"Account 1 ({EMAIL}) would be staff, active"),
        (("deactivate", EMAIL), f"Account 1 ({EMAIL}) would be inactive"),
        (("activate", EMAIL), f"Account 1 ({EMAIL}) would be active"),
        (("revoke_admin", EMAIL), f"Account 1 ({EMAIL}) would be active"),
        (("rotate_keys",), "Nobody would be logged out"),
        (("rotate_keys", "--drop-previous"), "Everybody would be logged out"),
    ):
        before = everything()
        assert run(*command, "--dry-run") == 0
        assert said in capsys.readouterr().out
        assert run(*command, "--dry-run", "--json") == 0
        assert json.loads(capsys.readouterr().out)["dry_run"] is True
        assert everything() == before
    assert run("create_admin", "--email", "no address", *password, "--dry-run") == 1
    assert viewer.is_logged_in()


def everything():
    rows = clients.client("dynamodb").scan(TableName="videoflix-local-accounts")["Items"]
    return rows, clients.client("secretsmanager").get_secret_value(SecretId="videoflix/local/token-keys")[
        "SecretString"
    ]


def test_an_address_that_nobody_has_is_said(tables, capsys):
    for command in ("deactivate", "revoke_admin"):
        assert run(command, "nobody@example.com") == 1
        assert capsys.readouterr().err.strip() == "No account has this address."


def test_rotating_keys_names_the_new_one_and_prints_no_secret(viewer, capsys):
    assert run("rotate_keys", "--json") == 0
    out = capsys.readouterr().out
    ring = json.loads(
        clients.client("secretsmanager").get_secret_value(SecretId="videoflix/local/token-keys")["SecretString"]
    )
    assert json.loads(out) == {"kid": ring["kid"]}
    assert viewer.is_logged_in()
    assert run("rotate_keys", "--drop-previous") == 0
    out = capsys.readouterr().out
    assert ring["secret"] not in out
    assert not viewer.is_logged_in()
    assert PASSWORD not in out
