"""moto, started once a process: each test gets its tables, queues, buckets and secrets as they were when just made.

To make them by calls of the API costs each test some 20 ms, and moto's own start 5; to put them back costs one. Nothing
of one test is left for the next: every backend is emptied first. What moto works out again at each call, though it
cannot change, is worked out once here; what it answers is the same. Its writes to a table are made one after another,
as DynamoDB's are: moto looks at a condition and then writes, and another thread came in between. Before a transaction,
of which it copies the whole tables to be able to put them back, only the items are copied that the transaction updates.
"""

import copy
import functools
import pickle
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto import mock_aws
from moto.backends import get_backend
from moto.core import responses, serialize
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.routing import ServiceOperationRouter
from moto.dynamodb.models import DynamoDBBackend, Table
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.sqs.models import SQSBackend

from tests.unit import moto_reads_once, moto_without_http
from tests.unit.moto_history import of_this_process as history

_get_value = serialize.ResponseSerializer.get_value
_receive_message = SQSBackend.receive_message


_KEPT = ("dynamodb", "secretsmanager", "stepfunctions")


@dataclass(frozen=True)
class Tables:
    """What is in all tables, secrets and state machines at a moment, to be put back as often as one likes."""

    states: dict[tuple[str, str, str], bytes]

    @classmethod
    def now(cls) -> "Tables":
        return cls({where: pickle.dumps(vars(backend)) for where, backend in _backends(*_KEPT)})

    def put_back(self) -> None:
        history.is_lost()
        for (service, account, region), state in self.states.items():
            vars(get_backend(service)[account][region]).update(pickle.loads(state))


@contextmanager
def fresh(make: Callable[[], None]) -> Iterator[None]:
    """Give an AWS in which there is what `make` makes and nothing else; afterwards there is nothing at all."""
    _start()
    _maker(make)()
    history.begins(make)
    try:
        yield
    finally:
        history.is_lost()
        _empty()


def once(make: Callable[[], None]) -> None:
    """Let `make` fill the tables of a fresh AWS; what it wrote the first time is put back for every later test."""
    if make in _written:
        _written[make].put_back()
    else:
        make()
        _written[make] = Tables.now()
    history.begins(("once", make))


_written: dict[Callable[[], None], Tables] = {}


def remembered(what: Hashable, make: Callable[[], Any]) -> Any:
    """Let `make` write, and return what it returns; or put back what it wrote and returned in an earlier test.

    That is done where all that was written before is the same, too: nothing but what was remembered, since AWS was
    fresh. `what` names whatever the outcome depends on. It is forgotten after a while, as people and films get older,
    and never learnt where `make` wrote to what is not kept: a queue, a bucket.
    """
    before = history.names
    if before is None:
        return make()
    found = _remembered.get((before, what))
    if found and 0 <= time.time() - found.at <= _FRESH:
        found.tables.put_back()
    else:
        history.written.clear()
        found = _Remembered(time.time(), make(), Tables.now())
        if not history.written <= set(_KEPT):
            return found.answer
        _remembered[before, what] = found
    history.names = (*before, found)  # this very one: made again it is another, with another session, say
    return found.answer


_FRESH = 30  # seconds


@dataclass(frozen=True, eq=False)
class _Remembered:
    at: float
    answer: Any
    tables: Tables


_remembered: dict[tuple[Hashable, Hashable], _Remembered] = {}


@functools.cache
def _start() -> None:
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    serialize.ResponseSerializer.get_value = _value_of
    SQSBackend.receive_message = _receive
    one_write_at_a_time = threading.RLock()  # a transaction's writes are writes, too
    for write in ("put_item", "update_item", "delete_item", "transact_write_items"):
        setattr(DynamoDBBackend, write, _alone(one_write_at_a_time, getattr(DynamoDBBackend, write)))
    # at a service's first call its addresses are parsed by `ast`, which Python 3.11 cannot do in two threads at once
    # (it says that the recursion depth of its constructor does not match)
    ServiceOperationRouter._get_router = _alone(threading.RLock(), ServiceOperationRouter._get_router)
    DynamoDBBackend.transact_write_items = _noting_updates(DynamoDBBackend.transact_write_items)
    Table.__deepcopy__ = _copy_of_table
    # the credentials are those of the environment; a session that stays has read the services' descriptions already
    moto_without_http.install()
    moto_reads_once.install()
    mock_aws(config={"core": {"mock_credentials": False, "reset_boto3_session": False}}).start()


def _alone(lock: threading.RLock, call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def alone(*arguments: Any, **named: Any) -> Any:
        with lock:
            return call(*arguments, **named)

    return alone


_updates = threading.local()  # of the transaction that this thread is at: names of tables with keys


def _noting_updates(call: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(call)
    def noting(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        _updates.keys = [
            (each["Update"]["TableName"], each["Update"]["Key"]) for each in transact_items if "Update" in each
        ]
        try:
            call(self, transact_items)
        finally:
            _updates.keys = []

    return noting


def _copy_of_table(table: Table, _memo: dict[int, Any]) -> Table:
    """Copy a table and those of its items that will be changed in place; moto replaces the others, or removes them."""
    made = Table.__new__(Table)
    vars(made).update(vars(table))
    made.items = defaultdict(dict, {key: dict(value) for key, value in table.items.items()})
    for name, key in getattr(_updates, "keys", ()):  # outside of a transaction there are none
        if name == table.name:
            hash_key = DynamoType(key[table.hash_key_attr])
            sort_key = DynamoType(key[table.range_key_attr])
            if sort_key in made.items.get(hash_key, {}):
                made.items[hash_key][sort_key] = copy.deepcopy(made.items[hash_key][sort_key])
    return made


def _value_of(self: Any, value: Any, key: str, shape: Any) -> Any:
    """Look a key up as moto does, but without trying its aliases where there are none: in DynamoDB's plain answers."""
    if type(value) is dict and self.service_model.service_name == "dynamodb":
        return value.get(key)
    return _get_value(self, value, key, shape)


def _receive(self: Any, queue: str, count: int, _seconds: int, hidden: int, *more: Any, **named: Any) -> Any:
    """Receive without waiting: nobody else is there to send something meanwhile."""
    return _receive_message(self, queue, count, 0, hidden, *more, **named)


@functools.cache
def _maker(make: Callable[[], None]) -> Callable[[], None]:
    """Run `make` once; return what does the same without calls. Queues and buckets hold locks and files: made again."""
    make()
    tables = Tables.now()
    queues = [(*where[1:], name) for where, backend in _backends("sqs") for name in backend.queues]
    buckets = [
        (*where[1:], bucket.name, bucket.region_name)
        for where, backend in _backends("s3")
        for bucket in backend.buckets.values()
    ]
    _empty()

    def again() -> None:
        tables.put_back()
        for account, region, name in queues:
            get_backend("sqs")[account][region].create_queue(name)
        for account, partition, name, region in buckets:
            get_backend("s3")[account][partition].create_bucket(name, region)

    return again


def _backends(*services: str) -> Iterator[tuple[tuple[str, str, str], Any]]:
    for service in services:
        for account, region, backend in get_backend(service).iter_backends():
            yield (service, account, region), backend


def _empty() -> None:
    BackendDict.reset()
    reset_model_data()
