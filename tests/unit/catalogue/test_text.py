"""Text that people give is stored so that it harms no page and breaks no row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.catalogue import text

ANYTHING = st.text(alphabet=st.characters(), max_size=400)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("  A  film ", "A film"),
        ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),  # noqa: RUF001
        ("two\nlines\x00\x1b", "two lines"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
        ("x" * 300, "x" * 255),
        ("\ud800", ""),
    ],
)
def test_titles_are_one_harmless_line(given, expected):
    assert text.clean_title(given) == expected


def test_descriptions_keep_their_lines_and_end_at_5000_characters():
    assert text.clean_description(" a\r\n\tb\x07<i> ") == "a\n\tb ‹i›"  # noqa: RUF001
    assert len(text.clean_description("x" * 6000)) == 5000


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("drama", "drama"),
        (" Sci-Fi  2 ", "Sci-Fi 2"),
        ("Märchen", "Märchen"),
        ("", "documentary"),
        ("   ", "documentary"),
        ("newest", "documentary"),
        ("NeWest", "documentary"),
        ("a/b", "documentary"),
        ("x" * 41, "documentary"),
        ("<b>", "documentary"),
    ],
)
def test_categories_are_short_names_or_the_default(given, expected):
    assert text.clean_category(given) == expected


@given(ANYTHING)
def test_nothing_that_is_kept_can_open_a_tag_or_break_a_row(given):
    for clean in (text.clean_title, text.clean_description, text.clean_category, text.readable_stem):
        kept = clean(given)
        assert "<" not in kept
        assert ">" not in kept
        assert "\x00" not in kept
        assert kept.encode("utf-8") is not None
        assert clean(kept) == kept or clean is text.readable_stem


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("film.mp4", "film"),
        ("folder/deep/My_great-film.2026.mkv", "My great film 2026"),
        ("Über & drüber + mehr.mp4", "Über & drüber + mehr"),
        ("no extension", "no extension"),
        (".hidden", "hidden"),
        ("folder/", ""),
        ("___.mp4", ""),
        ("a<b>.mp4", "a‹b›"),  # noqa: RUF001
    ],
)
def test_a_film_without_a_title_is_called_like_its_file(key, expected):
    assert text.readable_stem(key) == expected
