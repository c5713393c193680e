"""Files of captions, as people have them, become clean WebVTT; what is wrong with one is said by line."""

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from functions.captions import reading
from functions.catalogue import timestamps
from functions.errors import InvalidInputError, TooLargeError

HEADER = f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{timestamps.FIRST * 90_000},LOCAL:00:00:00.000\n\n"


def read(text: str | bytes) -> str:
    return reading.read(text.encode() if isinstance(text, str) else text).webvtt


def cue(text: str) -> str:
    """What becomes of a cue that says `text`, in WebVTT."""
    written = read(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n\n01:00.000 --> 01:01.000\nend\n")
    return written.split("\n\n")[1].partition("\n")[2]


def refusal(text: str | bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read(text)
    (sentence,) = caught.value.errors["captions"]
    return sentence


class TestWebVtt:
    def test_a_file_of_every_kind_of_block_becomes_its_cues(self) -> None:
        """Comments, style sheets and regions do not reach viewers; cues do, in the order of their times."""
        assert read(
            "\ufeffWEBVTT - a title\r\nKind: captions\r\n\r\nNOTE\r\nof ours\r\n\r\nSTYLE\r\n::cue { color: red }"
            "\r\n\r\nREGION\r\nid:fred\r\n\r\nsecond\r\n00:00:05.000 --> 00:00:06.500 align:start line:80%\r\nLater.\r"
            "\n\r\n00:01.000 --> 00:02.000\r\nOne line,\r\ntwo lines.\r\n"
        ) == HEADER + (
            "00:00:01.000 --> 00:00:02.000\nOne line,\ntwo lines.\n\n"
            "00:00:05.000 --> 00:00:06.500 align:start line:80%\nLater.\n"
        )

    def test_times_beyond_an_hour_and_beyond_99_are_kept(self) -> None:
        written = read("WEBVTT\n\n01:02:03.004 --> 100:00:00.000\nx")
        assert "01:02:03.004 --> 100:00:00.000" in written

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("vertical:rl", " vertical:rl"),
            ("line:-1 position:10%,line-left size:35.5%", " line:-1 position:10%,line-left size:35.5%"),
            ("line:5,end", " line:5,end"),
            ("region:fred line:0", " line:0"),
            ("align:middle size:101% position:10 vertical:up line:x onclick:alert(1)", ""),
            ("align:left align:right", " align:left"),
            ("X1:10 X2:20", ""),
        ],
    )  # fmt: skip
    def test_valid_settings_are_kept_and_others_are_not(self, said: str, kept: str) -> None:
        written = read(f"WEBVTT\n\n00:01.000 --> 00:02.000 {said}\nx")
        assert f"00:00:02.000{kept}\nx" in written

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("WEBVTT\n\n00:01.000 -> 00:02.000\nx", 3),
            ("WEBVTT\n\n00:01,000 --> 00:02,000\nx", 3),
            ("WEBVTT\n\nid\n00:61.000 --> 00:02.000\nx", 4),
            ("WEBVTT\n\n\n\n1:00.000 --> 00:02.000\nx", 5),
            ("WEBVTT\n\n00:02.000 --> 00:01.000\nx", 3),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\ny", 5),
            ("WEBVTT\n00:01.000 --> 00:02.000\nx", 2),
            ("WEBVTT\n\nno cue at all", 3),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * 5_001, 3),
        ],
    )
    def test_a_wrong_line_is_named(self, text: str, line: int) -> None:
        """Skipped in silence, a translator would find out from viewers."""
        assert refusal(text).startswith(f"Line {line}: ")


class TestText:
    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("<i>a</i> <b>b</b> <u>c</u>", "<i>a</i> <b>b</b> <u>c</u>"),
            ("<v Bob>Hi", "<v Bob>Hi</v>"),
            ("<c.yellow.bg_blue>x</c>", "<c.yellow.bg_blue>x</c>"),
            ("<ruby>漢<rt>kan</rt></ruby>", "<ruby>漢<rt>kan</rt></ruby>"),
            ("<lang EN-gb>x</lang>", "<lang en-GB>x</lang>"),
            ("<00:01.500>word", "<00:01.500>word"),
            ("<i>open", "<i>open</i>"),
            ("<i>a<b>b</i>c</b>", "<i>a<b>b</b></i>c"),
            ("</i>x", "x"),
            ("<I>x</I>", "<i>x</i>"),
            ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
            ("&lt;b&gt; &amp; &#65; &nbsp;x", "&lt;b&gt; &amp; A \u00a0x"),
            ("Fish &c &unknown;", "Fish &amp;c &amp;unknown;"),
            ("first&#10;&#10;second", "first\nsecond"),
            ("first&#13;&#13;NOTE second", "first\nNOTE second"),
            ("first&#13;&#10;<i>&#13;second</i>", "first\n<i>\nsecond</i>"),
            ("a&#9;b&#11;c&#12;d&#129;e", "a\tbc d e"),
            ("<v Bob&#13;and&#129;Ann>x", "<v Bob and Ann>x</v>"),
            ("a\tb", "a\tb"),
        ],
    )
    def test_markup_of_webvtt_is_kept_and_put_in_order(self, said: str, kept: str) -> None:
        assert cue(said) == kept

    @pytest.mark.parametrize(
        "said",
        [
            "<script>alert(1)</script>x",
            "<img src=x onerror=alert(1)>x",
            "<svg/onload=alert(1)>x",
            "<i onmouseover=alert(1)>x</i>",
            "<c.a onclick=alert(1)>x</c>",
            "<v \"><img src=x onerror=alert(1)>\">x",
            "&lt;script&gt;alert(1)&lt;/script&gt;x",
            "<<b>script>alert(1)x",
            "<scr<i>ipt>alert(1)x",
            "<a href='javascript:alert(1)'>x</a>",
            "<lang en\" onclick=alert(1)>x</lang>",
        ],
    )  # fmt: skip
    def test_nothing_in_a_cue_is_script(self, said: str) -> None:
        """Pages that put cues into their document as HTML would run it, for every viewer."""
        tags = re.findall(r"<[^>]*>?", cue(said))
        assert all(re.fullmatch(r"</?(?:i|b|u|c|ruby|rt|v|lang)(?:\.[\w-]+)*(?: [^<>]*)?>", tag) for tag in tags), tags
        assert not [tag for tag in tags if "=" in tag and not tag.startswith("<v ")]

    @hypothesis_settings(deadline=None, max_examples=300)
    @given(
        st.lists(
            st.sampled_from(["<", ">", "&", "i", "v x", "/", ".a", "-->", "lang", " ", "script", "lt;", "\t", "ü"])
        )
    )
    def test_whatever_is_put_in_comes_out_clean_and_stays_as_it_is_when_put_in_again(self, parts: list[str]) -> None:
        once = cue("x" + re.sub("-+>", ">", "".join(parts)))
        assert re.sub(r"</?(?:i|v|lang)(?:\.[a-z]+)*(?: [^<>]*)?>", "", once).count("<") == 0
        assert "-->" not in once
        assert cue(once) == once

    @hypothesis_settings(deadline=None, max_examples=300)
    @given(st.text(st.sampled_from("<i/v \t>&#x;0123789abcdefnNeElLiTt.")), st.integers(0, 0x110000))
    def test_a_reference_ends_no_line_or_cue_and_brings_no_control_character_in(self, said: str, code: int) -> None:
        """Players would take what stands behind it for a comment, or for a cue of its own."""
        written = read(f"WEBVTT\n\n00:01.000 --> 00:02.000\nx&#{code};{said}&#x{code:x};<v &#{code};>y\n")
        (text,) = written.split("\n\n")[1:]
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
        assert text.endswith("\n")
        assert "" not in text[:-1].split("\n")

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("x&#" + "9" * 4_400 + ";y", "x\ufffdy"),
            ("x&#" + "9" * 4_400 + " y", "x\ufffd y"),
            ("x&#x" + "F" * 4_400 + ";y", "x\ufffdy"),
            ("x&#" + "0" * 4_400 + "65;y", "xAy"),
            ("<v &#" + "9" * 4_400 + ";>y", "<v \ufffd>y</v>"),
            ("x&#" + "٣" * 4_400 + ";y", "x&amp;#" + "٣" * 4_400 + ";y"),
        ],
        ids=["decimal", "unended", "hexadecimal", "zeros", "speaker", "other digits"],
    )
    def test_a_reference_of_any_length_is_read(self, said: str, kept: str) -> None:
        """Python makes no number of more than 4,300 digits: the call ended in a 500, an event among dead letters."""
        assert cue(said) == kept

    def test_a_cue_that_shows_nothing_is_left_out(self) -> None:
        written = reading.read(
            b"WEBVTT\n\n00:01.000 --> 00:01.000\nx\n\n00:01.000 --> 00:02.000\n<i></i>\n\n00:03.000 --> 00:04.000\ny"
        )
        assert written.cues == 1


class TestSubRip:
    def test_a_file_is_converted(self) -> None:
        assert read(
            "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>\r\n<font color=\"#ff0000\">World</font>\r\n\r\n"
            "2\r\n00:00:03,000 --> 00:00:04,000 X1:63 X2:223 Y1:43 Y2:58\r\n{\\an8}{\\b1}On top\r\n\r\n"
        ) == HEADER + (
            "00:00:01.000 --> 00:00:02.500\n<i>Hello</i>\nWorld\n\n00:00:03.000 --> 00:00:04.000 line:0\nOn top\n"
        )  # fmt: skip

    def test_what_players_forgive_is_forgiven(self) -> None:
        """Empty lines inside of a cue, none between two, no counters, short times, dots."""
        written = read(
            "0:0:1,5 --> 00:00:02.500\na\n\nb\n2\n00:00:03,000 --> 00:00:04,000\n1984\n\n"
            "00:00:05,000 --> 00:00:06,000\nc"
        )
        assert [block.partition("\n")[2] for block in written.split("\n\n")[1:]] == ["a\nb", "1984", "c\n"]
        assert "00:00:01.500 --> 00:00:02.500" in written

    @pytest.mark.parametrize("said", ["", " \n\n", "WEBVTT"])
    def test_a_file_of_nothing_has_no_cues(self, said: str) -> None:
        assert "no cues" in refusal(said) or "neither WebVTT nor SubRip" in refusal(said)

    @pytest.mark.parametrize(
        "said", ["just a text", "{1}{50}MicroDVD", "[Script Info]\nTitle: ASS\n", "\x89PNG and more"]
    )
    def test_a_file_of_another_kind_is_named_as_such(self, said: str) -> None:
        assert "neither WebVTT nor SubRip" in refusal(said)

    def test_a_wrong_line_is_named(self) -> None:
        assert refusal("1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:03 --> 00:00:04\nb").startswith("Line 6: ")
        assert refusal("1\n00:00:02,000 --> 00:00:01,000\na").startswith("Line 2: ")


class TestLimits:
    @pytest.mark.parametrize(
        "file", ["WEBVTT\n\n00:01.000 --> 00:02.000\nä".encode(code) for code in ("latin-1", "utf-16", "utf-16-le")]
    )
    def test_another_encoding_than_utf_8_is_named_as_such(self, file: bytes) -> None:
        """Guessed wrongly, every umlaut would be another letter."""
        assert "UTF-8" in refusal(file)

    def test_a_file_that_is_too_large_is_refused(self) -> None:
        with pytest.raises(TooLargeError):
            reading.read(b"x" * (reading.LARGEST + 1))
        with pytest.raises(TooLargeError):  # grows when it is escaped
            reading.read(b"WEBVTT\n" + (b"\n00:01.000 --> 00:02.000\n" + b"&" * 4_000 + b"\n") * 400)

    def test_too_many_cues_are_refused(self) -> None:
        assert "20000" in refusal("WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * 20_001)

    def test_no_sentence_repeats_what_was_sent(self) -> None:
        for text in ("WEBVTT\n\n<b>evil</b>", "evil", "1\n00:00:02,000 --> evil\na"):
            assert "evil" not in refusal(text)
