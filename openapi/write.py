"""Write the documents that are checked in: `python -m openapi.write [schema] [postman]`, without a word both."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from openapi import document, postman

try:  # libyaml writes the same in a third of the time
    from yaml import CSafeDumper as SafeDumper
except ImportError:
    from yaml import SafeDumper  # type: ignore[assignment]

ROOT: Final = Path(__file__).resolve().parent.parent


class _Dumper(SafeDumper):
    """Writes a part that occurs twice twice: readers of such documents need not know YAML's anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return data is not None


def _text(dumper: SafeDumper, text: str) -> yaml.Node:
    """Write a text of several lines as lines."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def as_json(value: object) -> str:
    """Return `value` as JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_yaml(value: object) -> str:
    """Return `value` as YAML."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def schemas() -> dict[str, str]:
    """Return the OpenAPI document in every place where it lies; the API serves those in its own package."""
    built = document.build()
    in_json, in_yaml = as_json(built), as_yaml(built)
    served = "functions/http/static"
    return {
        "schema.json": in_json,
        "schema.yaml": in_yaml,
        f"{served}/schema.json": in_json,
        f"{served}/schema.yaml": in_yaml,
    }


def collections() -> dict[str, str]:
    """Return the Postman collection in both places where people look for it."""
    text = as_json(postman.collection(document.build()))
    return {"videoflix_postman_collection.json": text, "postman/collection.json": text}


WRITERS: Final[Mapping[str, Callable[[], dict[str, str]]]] = MappingProxyType(
    {"schema": schemas, "postman": collections}
)


def main(arguments: list[str] | None = None) -> None:
    """Write what is asked for, and say which files changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*WRITERS, []], help="schema or postman; nothing: both")
    options: Any = parser.parse_args(arguments)
    for name in options.what or WRITERS:
        for path, text in WRITERS[name]().items():
            _write(ROOT / path, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    changed = not path.exists() or path.read_text(encoding="utf-8") != text
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.relative_to(ROOT).as_posix()}: {'written' if changed else 'unchanged'}")


if __name__ == "__main__":
    main()
