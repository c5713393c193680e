"""JSON schemas (draft 2020-12, which OpenAPI 3.1 speaks) in few words."""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]


def text(*, example: str | None = None, **more: object) -> Schema:
    """Return the schema of a text; `more` are keywords of JSON schema."""
    return _with({"type": "string", **more}, example)


def whole(*, example: int | None = None, least: int | None = None, **more: object) -> Schema:
    """Return the schema of a whole number."""
    return _with({"type": "integer", **({} if least is None else {"minimum": least}), **more}, example)


def number(*, example: float | None = None, least: float | None = None, **more: object) -> Schema:
    """Return the schema of a number."""
    return _with({"type": "number", **({} if least is None else {"minimum": least}), **more}, example)


def switch(*, example: bool | None = None, **more: object) -> Schema:
    """Return the schema of something that is true or false."""
    return _with({"type": "boolean", **more}, example)


def choice(values: Iterable[str], **more: object) -> Schema:
    """Return the schema of one of `values`."""
    return {"type": "string", "enum": [str(value) for value in values], **more}


def constant(value: str) -> Schema:
    """Return the schema of a text that is always the same."""
    return {"type": "string", "const": value, "examples": [value]}


def moment(*, example: str = "2026-11-13T12:57:07.992501Z", **more: object) -> Schema:
    """Return the schema of a time: UTC, with microseconds and `Z`."""
    return text(format="date-time", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", example=example, **more)


def address(*, example: str = "https://media.example/1/thumbnail.jpg?X-Amz-Signature=0a1b", **more: object) -> Schema:
    """Return the schema of an absolute URL."""
    return text(format="uri-reference", example=example, **more)


def listing(items: Schema, **more: object) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": items, **more}


def record(fields: Mapping[str, Schema], *, optional: Iterable[str] = (), **more: object) -> Schema:
    """Return the schema of an object that has all `fields` but those that are `optional`, and may have more."""
    required = [name for name in fields if name not in set(optional)]
    return {"type": "object", "properties": dict(fields), **({"required": required} if required else {}), **more}


def by_name(values: Schema, **more: object) -> Schema:
    """Return the schema of an object whose names are open and whose values are all alike."""
    return {"type": "object", "additionalProperties": values, **more}


def nullable(schema: Schema) -> Schema:
    """Return `schema` with null allowed."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": _or(schema, "null")}


def or_text(schema: Schema) -> Schema:
    """Return the schema of a number, or of true or false, that a text may spell as well, as fields of forms do."""
    return schema | {"type": _or(schema, "string")}


def _or(schema: Schema, other: str) -> list[str]:
    types = schema["type"]
    return [*(types if isinstance(types, list) else [types]), other]


def named(name: str) -> Schema:
    """Return a reference to the schema of `schemas.NAMED` that is called so."""
    return {"$ref": f"#/components/schemas/{name}"}


def example_of(schema: Schema) -> Any:  # noqa: ANN401 - any JSON value
    """Return an example of a schema, from the examples of its parts; None where one of them has none."""
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        parts = {name: example_of(part) for name, part in schema.get("properties", {}).items()}
        return {name: part for name, part in parts.items() if part is not None}
    if schema.get("type") == "array":
        item = example_of(schema["items"])
        return None if item is None else [item]
    return None


def _with(schema: Schema, example: object) -> Schema:
    return schema if example is None else {**schema, "examples": [example]}
