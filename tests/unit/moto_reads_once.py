"""What moto works out again and again, is worked out once: its URLs, DynamoDB's expressions, the sizes of items.

A program has a few dozen expressions and calls them thousands of times. moto takes each apart three times a call, and
at each attribute that it writes it measures the whole item. Here a text is taken apart once, and an item is measured
attribute by attribute; moto's own measure decides as soon as an item is big. At each call of another service moto
writes down all URLs of that service, and for S3 loads their module anew. What is answered is the same.
"""

import copy
import functools
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.dynamodb import comparisons
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.utilities import bytesize
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser

_SMALL = 100_000  # bytes; a quarter of what DynamoDB takes

_read_update = UpdateExpressionParser.make
_read_condition = comparisons.ConditionExpressionParser.parse
_set_measuring_all = LimitedSizeDict.__setitem__
_execute = UpdateExpressionExecutor.execute
_urls = BaseBackend.urls


def install() -> None:
    """Read and measure in the short way from now on."""
    UpdateExpressionParser.make = functools.cache(_read_update)  # moto copies a tree before it changes it
    Node.__deepcopy__ = _copy_of_node
    DepthFirstTraverser.traverse_node_recursively = _traverse
    comparisons.ConditionExpressionParser.parse = _condition
    LimitedSizeDict.__setitem__ = _set
    LimitedSizeDict.__reduce__ = _pickled
    UpdateExpressionExecutor.execute = _measuring_anew
    BaseBackend.urls = property(lambda self: _urls_of(type(self)))


@functools.cache
def _urls_of(kind: type[BaseBackend]) -> dict[str, Any]:
    """List the URLs of a service and who answers them: no setting changes between two tests that moto would look at."""
    return _urls.fget(kind.__new__(kind))


def _copy_of_node(node: Node, memo: dict[int, Any]) -> Node:
    """Copy a tree of nodes without asking of each what it is made of; all else in it is text."""
    made = type(node).__new__(type(node))
    vars(made).update(vars(node))
    if node.children is not None:
        made.children = [copy.deepcopy(child, memo) if isinstance(child, Node) else child for child in node.children]
        for child in made.children:
            if isinstance(child, Node):
                child.parent = made
    return made


def _traverse(self: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:
    """Go through a tree as moto does, without listing at each node which kinds it looks for."""
    if not isinstance(node, Node):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        self.pre_processing_of_child(node, number)
        self.traverse_node_recursively(child, number)
    if _is_looked_for(type(self), type(node), self):
        node = self.process(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


_looked_for: dict[tuple[type, type], bool] = {}


def _is_looked_for(traverser: type, kind: type, at_work: DepthFirstTraverser) -> bool:
    if (traverser, kind) not in _looked_for:
        _looked_for[traverser, kind] = issubclass(kind, at_work.nodes_to_be_processed())
    return _looked_for[traverser, kind]


def _condition(self: comparisons.ConditionExpressionParser) -> Any:
    """Read a condition once a call: it is only asked, never changed."""
    names, values = self.expression_attribute_names, self.expression_attribute_values
    key = (self.condition_expression, repr(names), repr(values))
    found = _conditions.get(key)
    if found is None:
        condition = _read_condition(self)
        if len(_conditions) > 500:
            _conditions.clear()
        _conditions[key] = (condition, self.expr_attr_names_found[:], self.expr_attr_values_found[:])
        return condition
    self.expr_attr_names_found.extend(found[1])
    self.expr_attr_values_found.extend(found[2])
    return found[0]


_conditions: dict[tuple[str | None, str, str], tuple[Any, list[str], list[str]]] = {}


def _set(self: LimitedSizeDict, key: str, value: Any) -> None:
    known = vars(self).get("at_most")
    size = _size(self) if known is None else known
    size += _size_of(key, value)
    if size < _SMALL:
        dict.__setitem__(self, key, value)
    else:
        _set_measuring_all(self, key, value)
    self.at_most = size


def _size(attributes: LimitedSizeDict) -> int:
    return sum(_size_of(key, value) for key, value in attributes.items())


def _size_of(key: str, value: Any) -> int:
    return bytesize(key) + (value.size() if type(value) is DynamoType else bytesize(str(value)))


def _measuring_anew(self: UpdateExpressionExecutor, node: Node | None = None) -> None:
    """Forget what was measured before an update: one inside of an attribute is not counted where it is written."""
    if node is None:  # the whole update, and not one part of it
        vars(self.item.attrs).pop("at_most", None)
    _execute(self, node)


def _pickled(self: LimitedSizeDict) -> tuple[Any, ...]:
    return _unpickled, (dict(self),)


def _unpickled(attributes: dict[str, Any]) -> LimitedSizeDict:
    made = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(made, attributes)
    return made
