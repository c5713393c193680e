"""The page on AWS: its files in a private bucket that CloudFront serves under the frontend's own address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from functions.settings import origin_of
from infra import page_answers
from infra.targets import ROOT, Target

FOLDER = ROOT / "web"
_CONFIG = "config.json"


def files() -> Iterator[Path]:
    """Yield the files of the page, relative to its folder."""
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(FOLDER).parts):
            yield path.relative_to(FOLDER)


def fingerprint() -> str:
    """Return one digest of all files."""
    digest = hashlib.sha256()
    for path in files():
        digest.update(f"\0{path.as_posix()}\0".encode() + (FOLDER / path).read_bytes())
    return digest.hexdigest()


def content_security_policy(target: Target, api_url: str, outputs: Mapping[str, str]) -> str:
    """Return what the documents of the page may do, with the storage that the stage has."""
    storage = [f"https://s3.{target.region}.amazonaws.com"]  # uploads go there whoever serves media
    if domain := outputs.get("CloudFrontDomain"):
        storage.insert(0, f"https://{domain}")
    # the origin alone: a path without a slash at its end would allow that one address (W3C CSP 3, section 6.7.2.12)
    return page_answers.content_security_policy(FOLDER, origin_of(api_url), storage)


def upload(target: Target, bucket: str, api_url: str) -> list[str]:
    """Bring the bucket up to date; return a line if something changed."""
    wanted = {path.as_posix(): (FOLDER / path).read_bytes() for path in files()}
    wanted[_CONFIG] = json.dumps(page_answers.config(api_url)).encode()
    s3 = target.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    # of an object that was put in one piece and encrypted by S3's own key, the ETag is the MD5
    there = {found["Key"]: found["ETag"].strip('"') for page in pages for found in page.get("Contents", [])}
    changed = [name for name, body in wanted.items() if there.get(name) != _md5(body)]
    for name in changed:
        kind = page_answers.content_type(Path(name))
        # names hold no version: browsers and CloudFront shall ask each time, and get 304
        s3.put_object(Bucket=bucket, Key=name, Body=wanted[name], ContentType=kind, CacheControl="no-cache")
    former = sorted(there.keys() - wanted.keys())
    for name in former:
        s3.delete_object(Bucket=bucket, Key=name)
    return [f"{len(changed)} files of the page, {len(former)} removed"] if changed or former else []


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
