"""What an uploader writes beside a file arrives as they meant it."""

from email.header import Header
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcoding import metadata

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=80).map(str.strip)


@given(TEXT.filter(lambda text: text and not text.isascii()))
def test_percent_encoded_text_is_decoded(text: str) -> None:
    assert metadata.decode(quote(text, safe="")) == text


@given(TEXT.filter(lambda text: text and not text.isascii()))
def test_text_as_s3_answers_it_is_decoded(text: str) -> None:
    encoded = Header(text, "utf-8", maxlinelen=10_000).encode()
    assert metadata.decode(encoded).strip() == text


@given(st.text(st.characters(codec="ascii", exclude_categories=("Cc",), exclude_characters="%?"), max_size=80))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert metadata.decode(text) == text


@given(st.text(max_size=60))
def test_nothing_is_too_strange_to_be_read(text: str) -> None:
    assert isinstance(metadata.decode(text), str)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("=?UTF-8?B?w5xiZXJncsO2w59l?=", "Übergröße"),
        ("=?UTF-8?Q?=C3=9Cber?=", "Über"),
        ("=?utf-7000?Q?x?=", "=?utf-7000?Q?x?="),
        ("=?UTF-8?B?!!!?=", "=?UTF-8?B?!!!?="),
        ("Gr%C3%B6%C3%9Fe", "Größe"),
        ("My%20film", "My film"),
        ("100%25 off", "100%25 off"),
        ("Caf%C3%A9 in Paris", "Café in Paris"),
        ("%FF%FE", "%FF%FE"),
        ("50% more", "50% more"),
        ("ÃberGrÃ¶Ã\x9fe".replace("Ãb", "Ã\x9cb"), "ÜberGröße"),
        ("Straße", "Straße"),
    ],
)
def test_every_encoding_that_tools_use_is_understood(sent: str, meant: str) -> None:
    assert metadata.decode(sent) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("true", True), ("1", True), ("YES", True), ("false", False), ("0", False), ("maybe", None), ("", None)],
)
def test_publish_is_read_or_left_to_the_default(said: str, meant: bool | None) -> None:
    assert metadata.read({"publish": said}).publish is meant


def test_names_count_in_any_case_and_empty_values_count_as_not_said() -> None:
    wishes = metadata.read({"Title": " My film ", "CATEGORY": "", "owner": "a@b.c", "other": "x"})
    assert wishes == metadata.Wishes(title="My film", owner="a@b.c")
