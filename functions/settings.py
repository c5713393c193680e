"""Typed settings, read once from the environment.

Each field is one environment variable of the same name in upper case. `.env.example` lists them all; a test holds
code and file together. What is missing or malformed stops the process with the variable's name.
"""

import dataclasses
import functools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

EMULATED_STAGES: Final = ("local", "localstack")


class SettingError(ValueError):
    """A setting is missing or malformed; the message names it and never shows its value."""

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f"Setting {name} {problem}.")


def _setting(meaning: str, default: Any = dataclasses.MISSING) -> Any:  # noqa: ANN401 - the fields carry the types
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between stages. Durations are seconds, sizes are bytes."""

    # names of what CloudFormation made (infra/)
    stage: str = _setting("local, localstack, prod or another name: part of every resource's name")
    uploads_bucket: str = _setting("bucket that people drop films into")
    media_bucket: str = _setting("bucket that holds playlists, segments and pictures")
    accounts_table: str = _setting("DynamoDB table of people, sessions, one-time links and limits")
    catalogue_table: str = _setting("DynamoDB table of films")
    transcode_machine: str = _setting("ARN of the Step Functions state machine that encodes films")
    mail_queue: str = _setting("SQS queue of mails to send")
    token_keys_secret: str = _setting("Secrets Manager name of the keys that sign access and refresh tokens")
    media_signer_secret: str = _setting("Secrets Manager name of the key that signs media URLs")

    # addresses
    api_base_url: str = _setting("public address of the API, without /api/")
    frontend_base_url: str = _setting("public address of the frontend; empty: mail links point at the API", "")
    media_base_url: str = _setting("address at which viewers reach S3; empty: AWS's own", "")
    media_signing: str = _setting("who serves media: s3, or cloudfront in front of it", "s3")
    cors_allowed_origins: tuple[str, ...] = _setting("exact origins of frontends, by commas; empty: the frontend's", ())

    # accounts
    cookie_samesite: str = _setting("SameSite of the cookies: Lax, Strict or None", "Lax")
    cookie_secure: bool = _setting("cookies only over HTTPS", default=True)
    expose_activation_token: bool = _setting("answer a registration with its token (local only)", default=False)
    bcrypt_rounds: int = _setting("cost of a password hash, as bcrypt's power of two", 12)
    mail_sender: str = _setting("verified SES address that mails come from")

    # films
    default_owner: str = _setting("e-mail of the owner of films dropped without one", "")
    publish_by_default: bool = _setting("films dropped with no publish= are visible to all", default=False)
    max_upload_size: int = _setting("bytes of the largest file that may be announced to the API", 20 * 1024**3)
    transcodes_per_minute: int = _setting("films that a user may have encoded again in a minute", 3)
    uploads_per_minute: int = _setting("uploads that a user may begin in a minute", 3)
    uploads_per_day: int = _setting("uploads that a user may begin in a day", 100)
    upload_bytes_per_day: int = _setting("bytes that a user may announce for upload in a day", 100 * 1024**3)
    autotranscode_policy: str = _setting("strict: no upscaled encode; relaxed: all rungs always", "strict")
    largest_rung: int = _setting("highest rung of the ladder: 480, 720, 1080, 1440 or 2160 (pixels)", 1080)
    encode_minutes_per_day: int = _setting("minutes of film of one owner that may be encoded in a day", 1440)
    films_at_once: int = _setting("films that are encoded at the same time", 5)
    chunks_at_once: int = _setting("chunks of one film that are encoded at the same time", 150)

    # how we run
    log_level: str = _setting("DEBUG, INFO, WARNING or ERROR", "INFO")
    env: str = _setting("console: links in mails go to the log as well, for developers; else ignored", "")

    @property
    def emulated(self) -> bool:
        """Whether this is a stage for one machine, which nobody else reaches."""
        return self.stage in EMULATED_STAGES


_CHOICES = {
    "cookie_samesite": ("Lax", "Strict", "None"),
    "media_signing": ("s3", "cloudfront"),
    "autotranscode_policy": ("strict", "relaxed"),
    "largest_rung": ("480", "720", "1080", "1440", "2160"),
    "log_level": ("DEBUG", "INFO", "WARNING", "ERROR"),
}
# for a Map of Step Functions 0 means without limit, and minutes that nobody has would make every film fail
_LARGEST_UPLOAD = 4 * 10**12  # bytes: in a thousand parts, of which S3 takes no larger ones than 5 GiB
_AT_LEAST_ONE = ("films_at_once", "chunks_at_once", "encode_minutes_per_day")
_BCRYPT_ROUNDS = range(4, 32)  # what bcrypt takes
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_MAILBOX = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9.-]+")  # no name beside it: a role names the address
_FORMS = {
    "api_base_url": (_URL, "https://api.example.org"),
    "frontend_base_url": (_URL, "https://films.example.org"),
    "media_base_url": (_URL, "https://media.example.org"),
    "mail_sender": (_MAILBOX, "no-reply@example.org"),
}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def _parse(name: str, wanted: object, text: str) -> object:
    if name in _CHOICES and text not in _CHOICES[name]:
        raise SettingError(name.upper(), f"must be one of {', '.join(_CHOICES[name])}")
    if wanted is bool:
        if text.lower() in _TRUE or text.lower() in _FALSE:
            return text.lower() in _TRUE
        raise SettingError(name.upper(), "must be true or false")
    if wanted is int:
        return _parse_number(name, text)
    if wanted is str:
        return _parse_text(name, text)
    return tuple(_as_browsers_write(part.strip().rstrip("/")) for part in text.split(",") if part.strip())


def _as_browsers_write(origin: str) -> str:
    origin = origin.lower()
    return origin.removesuffix(":443" if origin.startswith("https:") else ":80")


def origin_of(address: str) -> str:
    """Return the origin of an http or https address, as browsers write it (RFC 6454, section 6.2)."""
    return _as_browsers_write("/".join(address.split("/")[:3]))


def _parse_text(name: str, text: str) -> str:
    form, example = _FORMS.get(name, (None, ""))
    if form and not form.fullmatch(text):
        raise SettingError(name.upper(), f"must be an address such as {example}")
    return text.rstrip("/") if form is _URL else text  # a path is put behind it


def _parse_number(name: str, text: str) -> int:
    if not text.isdecimal():
        raise SettingError(name.upper(), "must be a whole number")
    number = int(text)
    if number == 0 and name in _AT_LEAST_ONE:
        raise SettingError(name.upper(), "must be at least 1")
    if name == "max_upload_size" and number > _LARGEST_UPLOAD:
        raise SettingError(name.upper(), f"must be at most {_LARGEST_UPLOAD}")
    if name == "bcrypt_rounds" and number not in _BCRYPT_ROUNDS:
        raise SettingError(name.upper(), f"must be from {_BCRYPT_ROUNDS[0]} to {_BCRYPT_ROUNDS[-1]}")
    return number


def load(environ: Mapping[str, str]) -> Settings:
    """Read settings from `environ`.

    Raises:
        SettingError: a variable is missing (and has no default) or malformed.
    """
    values: dict[str, object] = {}
    for spec in dataclasses.fields(Settings):
        text = environ.get(spec.name.upper(), "").strip()
        if text:
            values[spec.name] = _parse(spec.name, spec.type, text)
        elif spec.default is dataclasses.MISSING:
            raise SettingError(spec.name.upper(), "is missing")
    loaded = Settings(**values)  # type: ignore[arg-type]  # each value was parsed by its field's type
    if loaded.cors_allowed_origins or not loaded.frontend_base_url:
        return loaded
    return dataclasses.replace(loaded, cors_allowed_origins=(origin_of(loaded.frontend_base_url),))


@functools.cache
def current() -> Settings:
    """Return this process's settings, read at first use (never at import)."""
    return load(os.environ)
