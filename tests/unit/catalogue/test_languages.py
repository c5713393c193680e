"""Language tags: what is none is refused, what is one has one spelling, and viewers see a name they can read."""

import pytest

from functions.catalogue import languages


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("ger", "de"),
        ("deu", "de"),
        ("ENG", "en"),
        ("pt-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sr-LATN-rs", "sr-Latn-RS"),
        ("de-ch-1996", "de-CH-1996"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("en-u-ca-gregory", "en-u-ca-gregory"),
        ("de-x-leicht", "de-x-leicht"),
        ("zh-yue", "zh-yue"),
        ("fil", "fil"),
        ("und", "und"),
    ],
)
def test_a_tag_has_one_spelling(said: str, canonical: str) -> None:
    assert languages.canonical(said) == canonical
    assert languages.canonical(canonical) == canonical


@pytest.mark.parametrize(
    "said",
    ["", "d", "film", "german", "de_DE", "de-", "-de", "de--DE", "de-DE-AT", "de-1996-1996", "en-u", "en-a-bb-a-cc",
     "x-private",
     "i-klingon", "dé", "de DE", "de/..", "de\n", "\u217ee", "de-" + "x" * 9, "de-x-" + "a-" * 20, "<b>"],
)  # fmt: skip
def test_what_is_no_tag_is_none(said: str) -> None:
    """It stands in playlists, in keys and in pages."""
    assert languages.canonical(said) is None


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("de", "Deutsch"),
        ("en", "English"),
        ("pt-BR", "Português (BR)"),
        ("ja", "日本語"),
        ("qaa", "qaa"),
        ("tlh", "tlh"),
    ],
)
def test_viewers_read_the_languages_own_name(tag: str, name: str) -> None:
    assert languages.name(tag) == name


def test_every_name_can_stand_in_a_playlist() -> None:
    """RFC 8216, section 4.2: a quoted string has no quotation mark and no line's end."""
    names = [name for name, _ in languages._known().values()]
    assert len(names) > 300
    assert not [name for name in names if set(name) & set('"\n\r<>&')]
