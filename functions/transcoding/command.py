"""The one ffmpeg command that makes all renditions of a chunk. Pure: from a plan to arguments.

Times inside the command are the film's own, counted from its first picture or sound, whichever chunk it makes: so the
chunks of a film fit together by themselves. What a chunk contains is decided by number, never by a rounded time: which
frames of the constant frame rate, which packets of sound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from functions.catalogue import timestamps
from functions.catalogue.film import BOARD_COLUMNS, BOARD_ROWS
from functions.transcoding import copied, ladder
from functions.transcoding.display import AS_STORED, Orientation
from functions.transcoding.plan import LONGEST_SEGMENT, SHORTEST_SEGMENT, Chunk, Colour, Plan, RenditionPlan, VideoPlan
from functions.transcoding.source import Input

PLAYLIST: Final = "index.m3u8"
"""What ffmpeg calls a rendition's playlist, in a folder named like the rendition."""
BOARD: Final = "storyboard"
"""The folder of the storyboard's sheets: `000.jpg` and so on."""

# One decoding error in ten frames is a damaged file; ffmpeg's own limit is two in three.
_ERROR_RATE: Final = "0.1"

# hls.js plays from the first decoding time on and reports a hole (`bufferSeekOverHole`) when the first picture comes
# more than 0.1 s later. B-frames that refer to no other B-frame delay it by one frame instead of two, for the same
# number of bytes; below this rate even one frame is too long.
_SLOWEST_WITH_B_FRAMES: Final = Fraction(25, 2)

# Packets of sound encoded before the chunk's first and thrown away: the encoder sounds by then as if it had come all
# the way from the film's start, so that nothing is heard where two chunks meet.
_SOUND_LEAD: Final = 8

# Seconds by which the sound may be off before it is set right, with a click. Small gaps, as joined clips have, add up:
# by itself ffmpeg waits for a tenth of a second, which is seen on lips, and is heard twice where chunks meet. Less than
# this, and recordings that are timed as their packets arrive would crackle: at 0.02 those that are off by 12 ms do.
_OFF: Final = 0.03


def encode(plan: Plan, chunk: Chunk, source: Input, ffmpeg: str, *, sound: Input | None = None) -> list[str]:
    """Return the command that makes a chunk: one process, one decode, each size scaled from the next larger one.

    It writes `<rendition>/<number>.ts`, `<rendition>/index.m3u8` and `storyboard/<number>.jpg` into the folder it is
    started in, where those folders exist, and a line `frame=<number in the chunk>` for each frame to standard output.

    Args:
        plan: Of the film.
        chunk: Which part of it.
        source: The film.
        ffmpeg: The program's path.
        sound: The chunk's sound, where the plan says that it was encoded before (`sound_once`).
    """
    # a graph of its own for the sound: within one, ffmpeg asks the output that is furthest behind for more, which the
    # storyboard is until its first sheet is full, and no sound comes, so that no segment is written until then
    heard = [] if sound else ["-filter_complex", _sound_graph(plan, _packets(plan, chunk))]
    return [
        ffmpeg,
        "-hide_banner", "-nostdin",
        "-loglevel", "error",
        "-max_error_rate", _ERROR_RATE,
        # the source's own times, from zero, wherever reading begins
        "-copyts", "-start_at_zero",
        *_one_graph(plan.video),
        *_seek(plan, chunk),
        *source.arguments,
        *_sound_input(plan, chunk, sound),
        "-filter_complex", ";".join(_picture_graph(plan, chunk)), *heard,
        *_maps(plan, "1:a" if sound else "[a]"),
        # nothing that the uploader wrote into the file goes on to viewers
        "-map_metadata", "-1", "-map_chapters", "-1",
        # the graph has made the frame rate constant; nothing may be added or dropped behind it
        "-fps_mode:v", "passthrough",
        # the ticks of MPEG-TS (ISO/IEC 13818-1): every chunk rounds a frame's time in the same way
        "-enc_time_base:v", f"1:{timestamps.TICKS}",
        *_video_options(plan, chunk),
        *copied.options(plan, chunk),
        *_progress(plan),
        *(("-c:a", "copy") if sound else _sound_options(_packets(plan, chunk))),
        # B-frames are decoded before they are shown, at the film's start before zero: moved by a constant, so that
        # no muxer moves a chunk by itself
        "-output_ts_offset", str(timestamps.FIRST), "-muxdelay", "0", "-muxpreload", "0",
        # a picture is not written before the sound that belongs to it, however late that comes (by default, 10 s)
        "-max_interleave_delta", "0",
        "-f", "tee", "|".join(_output(number, made, chunk) for number, made in enumerate(plan.renditions)),
        *_board_output(),
    ]  # fmt: skip


def _one_graph(video: VideoPlan) -> list[str]:
    """Let one graph take frames of any size, as recorded calls have: one made anew would count frames from the start.

    Only where scaling comes first: it looks at each frame's size. Filters that turn remember that of the first, and
    read beyond a smaller frame: ours stand behind, and what the file says later on must not bring one in.
    """
    if video.orientation is None:
        return []
    stream = video.index
    return [f"-reinit_filter:{stream}", "0", f"-noautorotate:{stream}", f"-apply_cropping:{stream}", "codec"]


def _seek(plan: Plan, chunk: Chunk) -> list[str]:
    begin = _first_counted(plan, chunk)
    start = float(begin / plan.frame_rate) - plan.lead
    if begin == 0 or start <= 0:
        return []
    # not exactly there, but from the keyframe before: the frame that is seen when the chunk begins may be older
    return ["-noaccurate_seek", "-ss", f"{start:.6f}"]


def _down(seconds: Fraction) -> str:
    # down to ffmpeg's microseconds: rounded up, it would be the next frame's
    return f"{math.floor(seconds * 1_000_000) / 1_000_000:.6f}"


def _maps(plan: Plan, sound: str) -> list[str]:
    pictures = [
        f"0:{plan.video.index}" if made.copied else f"[v{number}]" for number, made in enumerate(plan.renditions)
    ]
    return [word for pad in (*pictures, sound) for word in ("-map", pad)]


def picture_filters(video: VideoPlan) -> list[str]:
    """Return the filters that come before any scaling."""
    if not video.deinterlace:
        return []
    # bwdif remembers the first frame's size: a frame of another one is made as large before it, field by field where
    # it is marked as interlaced; others pass as they are
    as_the_first = "scale=interl=-1"
    # one frame from two fields, and only where a frame is marked as interlaced
    return [as_the_first, "bwdif=mode=send_frame:deint=interlaced"]


def scaled(width: int, height: int, colour: Colour, *, full_range: bool = False) -> str:
    """Return the filter that scales the source's picture and converts its colours."""
    # bicubic: the fast ones cost 15 points of VMAF
    scale = f"scale={width}:{height}:flags=bicubic:out_color_matrix={colour.matrix}"
    scale += f":out_range={'full' if full_range else 'limited'}"
    if colour.assume:
        scale += f":in_color_matrix={colour.assume}"
    if colour.to_sdr:
        scale += ":out_primaries=bt709:out_transfer=bt709"
    return scale


def _tags(colour: Colour) -> str:
    # all renditions say the same, so that no player guesses one way for 480p and another for 1080p
    transfer = "bt709" if colour.matrix == "bt709" else "smpte170m"
    return f"setparams=range=limited:colorspace={colour.matrix}:color_primaries={colour.matrix}:color_trc={transfer}"


# as ffmpeg itself turns and mirrors, but for the place: behind the scaling, which takes frames of any size and mostly
# leaves less to turn
_TURNING: Final[dict[Orientation, tuple[str, ...]]] = {
    AS_STORED: (),
    (-1, 0, 0, 1): ("hflip",),
    (1, 0, 0, -1): ("vflip",),
    (-1, 0, 0, -1): ("hflip", "vflip"),
    (0, 1, -1, 0): ("transpose=clock",),
    (0, -1, 1, 0): ("transpose=cclock",),
    (0, 1, 1, 0): ("transpose=cclock_flip",),
    (0, -1, -1, 0): ("transpose=clock_flip",),
}


def _picture_graph(plan: Plan, chunk: Chunk) -> list[str]:
    graph = []
    pad = f"[0:{plan.video.index}]"
    exact = ",".join(_own_frames(plan, chunk))
    # what is copied needs no frames, but the storyboard does
    encoded = plan.encoded or plan.renditions
    for number, rendition in enumerate(plan.renditions):
        if rendition not in encoded:
            continue
        if rendition is encoded[0]:
            filters = _first(plan.video, rendition)
        else:
            filters = [f"scale={rendition.width}:{rendition.height}:flags=bicubic"]
        if number + 1 < len(plan.renditions):
            graph.append(f"{pad}{','.join(filters)},split=2[w{number}][s{number}]")
            graph.append(f"[w{number}]{exact}[v{number}]")
        elif rendition.copied:
            graph.append(f"{pad}{','.join([*filters, exact])}[t]")
        else:
            graph.append(f"{pad}{','.join([*filters, exact])},split=2[v{number}][t]")
        pad = f"[s{number}]"
    graph.append(f"[t]{_board(plan, chunk)}[board]")
    return graph


def _first(video: VideoPlan, rendition: RenditionPlan) -> list[str]:
    """Return the filters that make the largest picture of the source's."""
    orientation = video.orientation or AS_STORED
    sides = (rendition.width, rendition.height)
    if orientation[1]:  # across is what was down, and the other way round
        sides = sides[::-1]
    # the one format that every player decodes, and square pixels
    formed = ["format=yuv420p", *_TURNING[orientation], "setsar=1", _tags(video.colour)]
    return [*picture_filters(video), scaled(*sides, video.colour), *formed]


def _own_frames(plan: Plan, chunk: Chunk) -> list[str]:
    """Return the filters that make the frame rate constant and leave this chunk's frames.

    They stand behind all scaling: a frame that lasts for long is repeated as a reference to one scaled picture. In
    front of it a few bytes of a file fill the memory, each repetition being scaled into a picture of its own.
    """
    rate, first = plan.frame_rate, _first_counted(plan, chunk)
    filters = [f"fps={rate}:start_time={_time(plan, first)}"]
    # no longer than to the chunk's end: what is cut off in a file is not to be covered up
    held = plan.video.freeze - plan.seconds(plan.frames - chunk.end)
    if held > 0:
        filters.append(f"tpad=stop_mode=clone:stop_duration={held:.3f}")
    return [*filters, f"trim=start_frame={chunk.begin - first}:end_frame={chunk.end - first}"]


def _first_counted(plan: Plan, chunk: Chunk) -> int:
    """Return the frame from which a chunk's are counted: its first, or one that the picture still has, to be held."""
    certain = plan.frames - math.ceil(plan.video.freeze * plan.frame_rate) - 1
    return max(0, min(chunk.begin, certain))


def _time(plan: Plan, frame: int) -> str:
    return f"{float(frame / plan.frame_rate):.6f}"


def _board(plan: Plan, chunk: Chunk) -> str:
    board = plan.board
    # counted in the whole film, so that distances are even where chunks meet
    chosen = f"select='not(mod(n+{chunk.begin % board.step},{board.step}))'"
    # JPEG (JFIF) is BT.601 with full range
    small = f"scale={board.width}:{board.height}:flags=bicubic:out_range=full:out_color_matrix=bt601,format=yuvj420p"
    return f"{chosen},{small},tile={BOARD_COLUMNS}x{BOARD_ROWS}"


def _board_output() -> list[str]:
    # sheets come when they are full, and the last one at the end, whenever that is
    return [
        "-map", "[board]", "-map_metadata", "-1",
        "-fps_mode:v", "passthrough", "-c:v", "mjpeg", "-q:v", "5",
        "-f", "image2", "-start_number", "0", f"{BOARD}/%03d.jpg",
    ]  # fmt: skip


@dataclass(frozen=True)
class _Packets:
    """The packets of sound of a chunk, by their first sample: those from `first` on, before `end`."""

    first: int
    end: int

    @property
    def lead(self) -> int:
        """The first sample that is encoded."""
        return max(0, self.first - _SOUND_LEAD * ladder.SOUND_FRAME)


def _packets(plan: Plan, chunk: Chunk) -> _Packets:
    def at(frame: int) -> int:
        # a packet belongs to the chunk in which it begins
        return math.ceil(frame / plan.frame_rate * plan.sound.rate / ladder.SOUND_FRAME) * ladder.SOUND_FRAME

    return _Packets(at(chunk.begin), at(chunk.end))


def _sound_input(plan: Plan, chunk: Chunk, sound: Input | None) -> list[str]:
    if sound is None:
        return []
    # ADTS counts from zero in every file
    return ["-itsoffset", f"{_packets(plan, chunk).first / plan.sound.rate:.6f}", *sound.arguments]


def sound_once(plan: Plan, source: Input, ffmpeg: str) -> list[str]:
    """Return the command that encodes the sound of a whole film and cuts it where its chunks meet, by packet.

    It writes `00000.aac` and so on, one for each chunk, into the folder it is started in, and each one's name to
    standard output when it is complete.
    """
    whole = _Packets(0, _packets(plan, plan.chunk(len(plan.chunks) - 1)).end)
    firsts = [_packets(plan, plan.chunk(number)).first for number in range(1, len(plan.chunks))]
    # half a packet before it: the packet that follows begins the next file, however it rounds
    cuts = [f"{(first - ladder.SOUND_FRAME / 2) / plan.sound.rate:.6f}" for first in firsts or [whole.end]]
    return [
        ffmpeg,
        "-hide_banner", "-nostdin",
        "-loglevel", "error",
        "-max_error_rate", _ERROR_RATE,
        "-copyts", "-start_at_zero",
        *source.arguments,
        *_one_layout(plan),
        "-filter_complex", _sound_graph(plan, whole),
        "-map", "[a]", "-map_metadata", "-1", "-map_chapters", "-1",
        *_sound_options(whole),
        # a list of names without times: each is written when its file is complete
        "-f", "segment", "-segment_format", "adts", "-segment_times", ",".join(cuts),
        "-segment_list", "pipe:1", "-segment_list_type", "flat",
        "%05d.aac",
    ]  # fmt: skip


def _one_layout(plan: Plan) -> list[str]:
    """Bring sound whose channels may change to two first, and decode that anew (`[dec:0]`).

    Where they change, ffmpeg makes the graph anew that they come into, and ours would begin again at its first sample.
    Not beside pictures: ffmpeg would wait for itself.
    """
    if not plan.sound.changing:
        return []
    return [
        # as decoders give it, so that nothing is rounded on the way
        "-map", f"0:{plan.sound.index}", "-c:a", "pcm_f32le", "-ac", "2", "-ar", str(plan.sound.rate),
        # kept nowhere: only the decoder behind it gets it
        "-f", "null", "-",
        "-dec", "0:0",
    ]  # fmt: skip


def _sound_options(packets: _Packets) -> list[str]:
    # encoded once, for all renditions; packets that are not ours are dropped
    own = rf"noise=drop=lt(pts\,{packets.first})+gte(pts\,{packets.end})"
    return ["-c:a", "aac", "-b:a", str(ladder.SOUND_BIT_RATE), "-bsf:a", own]


def _sound_graph(plan: Plan, packets: _Packets) -> str:
    rate = plan.sound.rate
    # every segment carries sound (some players stop at the first one without): silence for the whole chunk, exactly.
    # One packet more than we keep: the encoder is one behind.
    samples = packets.end + ladder.SOUND_FRAME - packets.lead
    silence = f"anullsrc=r={rate}:cl=stereo,atrim=end_sample={samples},asetpts=PTS+{packets.lead}"
    if plan.sound.index is None:
        # all at once: ffmpeg asks an output that is ahead of the storyboard for no more until its first sheet is full
        return f"{silence},asetnsamples=n={samples}:p=0[a]"
    # gaps and a late start become silence, so that picture and sound stay together
    filled = f"aresample={rate}:async=1:min_hard_comp={_OFF}:first_pts={packets.lead}"
    # of more channels than a layout is known of, ffmpeg would mix none
    chosen = "pan=stereo|c0=c0|c1=c1," if plan.sound.pair else ""
    heard = "[dec:0]" if plan.sound.changing else f"[0:{plan.sound.index}]"
    sound = f"{heard}{chosen}{filled},aformat=channel_layouts=stereo"
    # a sum with one summand: what the source lacks at the end stays silent, what it has too much is cut
    mixed = "[quiet][loud]amix=inputs=2:duration=first:dropout_transition=0:normalize=0"
    return f"{silence}[quiet];{sound}[loud];{mixed}[a]"


def _progress(plan: Plan) -> list[str]:
    # a line for each frame of the largest encode, or for each packet where all is copied; `-progress` says nothing
    # before every output has begun, and the storyboard's begins with its first full sheet
    when, stream = ("enc_post", len(plan.renditions) - len(plan.encoded)) if plan.encoded else ("mux_pre", 0)
    return [f"-stats_{when}:v:{stream}", "pipe:1", f"-stats_{when}_fmt:v:{stream}", "frame={n}"]


def _video_options(plan: Plan, chunk: Chunk) -> list[str]:
    if not plan.encoded:
        return []
    keyframes = ",".join(_just_before(start, plan.frame_rate) for start in chunk.starts)
    longest = math.ceil((LONGEST_SEGMENT + SHORTEST_SEGMENT) * plan.frame_rate)
    options = [
        "-c:v", "libx264", "-preset", ladder.PRESET, "-crf", str(ladder.QUALITY),
        # x264 sets no keyframe of its own: later than any segment lasts, and at a cut an I frame that is none
        "-g", str(2 * longest), "-keyint_min", str(longest),
        "-bf", "3" if plan.frame_rate >= _SLOWEST_WITH_B_FRAMES else "0",
        # the stream says its own frame rate (H.264, E.2.1) and not that of the clock that it is timed by
        "-x264-params", "b-pyramid=none:force-cfr=1",
    ]  # fmt: skip
    for number, rendition in enumerate(plan.renditions):
        if rendition.copied:
            continue
        options += [
            # for each by itself: a copied stream cannot take it
            f"-profile:v:{number}", "high", f"-level:v:{number}", rendition.level,
            f"-maxrate:v:{number}", str(rendition.cap),
            f"-bufsize:v:{number}", str(rendition.buffer),
            # one option a stream: ffmpeg 8.1 loses a shared list after its first reader
            f"-force_key_frames:v:{number}", keyframes,
        ]  # fmt: skip
    return options


def _just_before(frame: int, rate: Fraction) -> str:
    """Return the time half a frame before `frame`: the frame that follows becomes the keyframe, however it rounds."""
    return _down(max(Fraction(0), Fraction(2 * frame - 1, 2) / rate))


def _output(number: int, rendition: RenditionPlan, chunk: Chunk) -> str:
    name = rendition.name
    written = copied.output(name, PLAYLIST, chunk) if rendition.copied else _cut_at_keyframes(name, chunk)
    options = [
        # unquoted twice: by tee for its list, then for its options
        rf"select=\'v:{number},a\'",
        *written[:-1],
        "max_delay=0",
    ]
    return f"[{':'.join(options)}]{written[-1]}"


def _cut_at_keyframes(name: str, chunk: Chunk) -> list[str]:
    return [
        "f=hls",
        # less than any segment: a new one begins at each keyframe, and only there
        "hls_time=1",
        # the playlist grows and names all
        "hls_list_size=0",
        "hls_playlist_type=event",
        # a playlist and a segment appear when they are complete
        "hls_flags=temp_file",
        # numbers of the whole film
        f"start_number={chunk.first_segment}",
        f"hls_segment_filename={name}/%03d.ts",
        # each chunk's packets are counted from zero: say so, and no demuxer takes it for a loss
        "hls_segment_options=mpegts_flags=+initial_discontinuity",
        f"{name}/{PLAYLIST}",
    ]
