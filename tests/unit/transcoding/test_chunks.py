"""A plan is kept while it is carried out, and chunks know what is theirs."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalogue import making
from functions.transcoding import chunks, plan
from functions.transcoding.plan import Plan
from functions.transcoding.probe import Sound
from tests.unit.transcoding.builders import in_chunks, info, planned


@pytest.mark.parametrize(
    "made",
    [
        planned(),
        planned(7200.0, frame_rate=Fraction(30_000, 1001)),
        planned(0.04, width=16, height=16),
        plan.make(info(sound=None)),
        plan.make(info(200.0, sound=Sound(index=3, channels=6, rate=22_050, exact=False), matrix=None)),
        plan.make(info(width=4096, height=2160), largest=2160),
        in_chunks(),
    ],
    ids=range(7),
)
def test_a_plan_that_was_kept_is_the_same_plan(made: Plan) -> None:
    kept = chunks.draft(made)
    assert chunks.plan_of(kept) == made
    again = msgspec.convert(msgspec.json.decode(msgspec.json.encode(kept)), making.Draft)
    assert again == kept
    assert chunks.plan_of(again) == made


def test_the_same_source_has_the_same_draft_so_that_the_next_attempt_goes_on(tables: None) -> None:
    making.begin(1, "1-a", chunks.draft(in_chunks()))
    making.begin_chunk(1, "1-a", 0, "w")
    known = making.begin(1, "1-a", chunks.draft(in_chunks()))
    assert list(known.chunks) == [0]


def test_a_draft_says_what_is_going_to_be_lowest_first() -> None:
    made = planned(130.0)
    draft = chunks.draft(made)
    assert [each.name for each in draft.renditions] == ["480p", "720p", "1080p"]
    assert (draft.renditions[0].codecs, draft.renditions[0].bandwidth >= 1_500_000) == ("avc1.64001e,mp4a.40.2", True)
    assert (draft.duration, draft.frames, draft.starts, draft.chunks) == (130, made.frames, made.starts, made.chunks)
    assert sum(draft.segments()) == pytest.approx(130)


def pictures_by_counting(made: Plan, number: int) -> int:
    chunk = made.chunk(number)
    return sum(1 for frame in range(chunk.begin, chunk.end) if frame % made.board.step == 0)


@settings(deadline=None)
@given(
    seconds=st.floats(0.1, 3000),
    rate=st.sampled_from([Fraction(1), Fraction(24), Fraction(25, 2), Fraction(30_000, 1001), Fraction(60)]),
)
def test_the_storyboard_has_as_many_pictures_as_fall_into_the_chunks(seconds: float, rate: Fraction) -> None:
    made = in_chunks(seconds, frame_rate=rate)
    counted = 0
    for number in range(len(made.chunks)):
        sheets = chunks._sheets(made, made.chunk(number))
        assert sum(pictures for _, pictures in sheets) == pictures_by_counting(made, number)
        assert all(0 < pictures <= 100 for _, pictures in sheets)
        assert all(pictures == 100 for _, pictures in sheets[:-1])
        counted += sum(pictures for _, pictures in sheets)
    assert counted == -(-made.frames // made.board.step)


def test_sheets_of_all_chunks_have_names_of_their_own() -> None:
    made = planned(7200.0)
    names = [name for number in range(len(made.chunks)) for name, _ in chunks._sheets(made, made.chunk(number))]
    assert len(names) == len(set(names)) > 0
    assert names == sorted(names)
