"""Reads the fields of a body, and collects everything that is wrong with them, so that one answer says it all."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from functions.errors import InvalidInputError
from functions.http import parameters

NOT_TEXT = "Not a valid string."
NOT_SWITCH = "Give true or false."
MISMATCH = "Passwords do not match."


class Form:
    """The fields of one call. Ask for each, then `check`."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields
        self._errors: dict[str, list[str]] = defaultdict(list)

    def text(self, name: str, *, missing: str, rules: Callable[[str], Iterable[str]] | None = None) -> str:
        """Return a text field as it was sent; an empty string where it is wrong.

        Args:
            name: The field.
            missing: What to say when it is absent, null or empty.
            rules: Returns a sentence for each rule that a text breaks.
        """
        value = self._fields.get(name)
        if value is None or value == "":
            self.wrong(name, missing)
        elif not isinstance(value, str):
            self.wrong(name, NOT_TEXT)
        else:
            self.wrong(name, *(rules(value) if rules else ()))
            return value
        return ""

    def optional(self, name: str, *, rules: Callable[[str], Iterable[str]]) -> str | None:
        """Return a text field as it was sent; None where it is absent or wrong. `rules` are as for `text`."""
        value = self._fields.get(name)
        if isinstance(value, str):
            self.wrong(name, *rules(value))
            return value
        if name in self._fields:
            self.wrong(name, NOT_TEXT)
        return None

    def switch(self, name: str) -> bool | None:
        """Return a field that is true or false, or one of the words; None where it is absent or wrong."""
        value = self._fields.get(name)
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.strip().lower())
        if isinstance(value, bool):
            return value
        if name in self._fields:
            self.wrong(name, NOT_SWITCH)
        return None

    def seconds(self, name: str, *, most: float) -> float | None:
        """Return a field that is a time from 0 to `most` seconds, to the millisecond.

        None where it is absent, null (in a form: empty) or wrong.
        """
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        seconds = parameters.number(value)
        if seconds is None or not 0 <= seconds <= most:
            self.wrong(name, f"Give a number of seconds from 0 to {most:g}, or null.")
            return None
        return round(seconds, 3)

    def same(self, name: str, other: str) -> None:
        """Say that field `name` does not repeat field `other`, if both are texts that differ."""
        one, two = self._fields.get(name), self._fields.get(other)
        if isinstance(one, str) and isinstance(two, str) and one and two and one != two:
            self.wrong(name, MISMATCH)

    def wrong(self, name: str, *texts: str) -> None:
        """Add sentences about a field; without any it stays right."""
        if texts:
            self._errors[name].extend(texts)

    def is_right(self, name: str) -> bool:
        """Whether nothing is wrong with a field so far."""
        return name not in self._errors

    def check(self) -> None:
        """Refuse the call if anything is wrong.

        Raises:
            InvalidInputError: with every sentence of every field.
        """
        if self._errors:
            raise InvalidInputError(self._errors)
