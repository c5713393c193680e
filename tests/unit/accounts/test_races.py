"""What happens when two do something about one person at the same moment."""

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError, UpdateError

from functions.accounts import people, personal_data, rows
from functions.errors import InvalidInputError, NotFoundError
from tests.unit import clients
from tests.unit.accounts.browser import EMAIL, PASSWORD


@pytest.fixture
def conflicts(tables, monkeypatch):
    """Let the next transactions meet another one, as DynamoDB says it; counts how many are to come."""
    left = [0]

    def meet(operation, _arguments):
        if operation == "TransactWriteItems" and left[0]:
            left[0] -= 1
            reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
            answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(answer, operation)

    clients.before_each_call(monkeypatch, meet)
    monkeypatch.setattr(rows.time, "sleep", lambda _seconds: None)
    return left


def test_asvs_15_4_2_a_registration_that_meets_another_is_tried_again(conflicts):
    conflicts[0] = 3
    assert people.seed(EMAIL, PASSWORD).email == EMAIL


def test_a_trouble_that_does_not_pass_is_no_success(conflicts):
    conflicts[0] = 100
    with pytest.raises(TransactWriteError):
        people.seed(EMAIL, PASSWORD)


def test_who_is_changed_while_they_log_in_is_changed_all_the_same(tables, monkeypatch):
    """A login's transaction looks at the person's row; DynamoDB refuses to write it at that moment."""
    people.seed(EMAIL, PASSWORD)
    before, left = people.row_of(1).generation, [3]

    def meet(operation, _arguments):
        if operation == "UpdateItem" and left[0]:
            left[0] -= 1
            raise ClientError({"Error": {"Code": "TransactionConflictException"}}, operation)

    clients.before_each_call(monkeypatch, meet)
    monkeypatch.setattr(rows.time, "sleep", lambda _seconds: None)
    people.end_sessions(1)
    assert (people.row_of(1).generation, left) == (before + 1, [0])
    left[0] = 100
    with pytest.raises(UpdateError):
        people.end_sessions(1)


def test_of_two_that_create_one_address_one_is_told_that_it_is_taken(tables, monkeypatch):
    monkeypatch.setattr(people, "is_taken", lambda _email: False)
    people.create(EMAIL, "x", is_active=True, lasts=None)
    with pytest.raises(InvalidInputError):
        people.create(EMAIL, "y", is_active=True, lasts=None)


@pytest.mark.parametrize("act", [people.seed, lambda *_: people.set_active(1, is_active=False)])
def test_asvs_15_4_2_who_is_deleted_meanwhile_is_gone_and_not_half_made_again(tables, monkeypatch, act):
    people.seed(EMAIL, PASSWORD)
    update_if = people.update_if

    def late(*args):
        personal_data.delete(1)
        return update_if(*args)

    monkeypatch.setattr(people, "update_if", late)
    with pytest.raises(NotFoundError):
        act(EMAIL, PASSWORD)
    assert people.get(1) is None
    assert people.find_by_email(EMAIL) is None


def test_who_is_gone_cannot_be_activated(tables):
    with pytest.raises(NotFoundError):
        people.set_active(7, is_active=True)
    with pytest.raises(NotFoundError):
        people.set_active(7, is_active=False)


def test_a_registration_whose_time_ran_out_meanwhile_is_not_activated(tables, clock):
    row = people.create(EMAIL, "x", is_active=False, lasts=60)
    clock.shift(60)
    assert not people.activate(row)
    assert people.find_by_email(EMAIL) is None
