"""Nobody is told that something failed which was done, though each first answer of DynamoDB is lost."""

import pytest

from tests.unit import clients
from tests.unit.accounts.browser import NEW_PASSWORD, mails, uid_and_token

EMAIL, PASSWORD, THIRD = "new@example.com", NEW_PASSWORD, "a third one 3"


@pytest.fixture
def _no_first_answer_comes(somebody, monkeypatch):
    for operation in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"):
        clients.lose_answers(monkeypatch, operation)


@pytest.mark.usefixtures("_no_first_answer_comes")
def test_an_accounts_life(somebody):
    """botocore sends a call again by itself: a conditional write then meets its own result."""
    assert somebody.register(EMAIL).status_code == 201
    uid, token = uid_and_token(mails()[-1])
    assert somebody.get(f"/api/activate/{uid}/{token}/").status_code == 200
    assert somebody.log_in(EMAIL, PASSWORD).status_code == 200
    assert somebody.refresh().status_code == 200
    assert somebody.is_logged_in()
    change = {"current_password": PASSWORD, "new_password": THIRD, "confirm_password": THIRD}
    assert somebody.post("/api/password_change/", change).status_code == 200
    assert somebody.confirm(*somebody.reset_link(EMAIL)).status_code == 200
    assert [mail["kind"] for mail in mails()].count("password_changed") == 2, "ASVS 6.3.7"
    assert somebody.log_in(EMAIL, PASSWORD).status_code == 200
    assert somebody.post("/api/logout/").status_code == 200
    assert not somebody.is_logged_in()
    assert somebody.log_in(EMAIL, PASSWORD).status_code == 200
    assert somebody.send("DELETE", "/api/account/", {"password": PASSWORD}).status_code == 200
    assert somebody.log_in(EMAIL, PASSWORD).status_code == 400
