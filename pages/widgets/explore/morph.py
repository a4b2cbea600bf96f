"""Morph: from picture to picture, by way of what the generator makes of the points between them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from gan.errors import GanError
from gan.latent.paths import KINDS, Kind, Path, make_path, step_lengths
from gan.runs.morph_export import KINDS as FILE_KINDS
from gan.runs.morph_export import morph_bytes
from gan.runs.sheets import Pictures
from gan.runs.studio.records import GeneratorFacts, Source
from pages.widgets.components.morph_player import MorphReel, morph_player
from pages.widgets.explore import state
from pages.widgets.explore.points import MAX_PICKED, Point, pick_point
from pages.widgets.explore.settings import Setting
from pages.widgets.resources import studio

N_FRAMES = 120
_COUNTS = (24, 48, 60, 90, 120, 180, 240)
_KIND = Setting("way", "spherical", KINDS)
_FRAMES = Setting("frames", N_FRAMES, _COUNTS)
_LOOP = Setting("loop", False)
EXPORT_FPS = 30.0
_FAST = 4.0  # a place is fast when a step is so many times the usual one,
_JUMP = 2.0  # and a jump when it is so many times those beside it, too
_KIND_TITLES: dict[Kind, str] = {
    "straight": "straight",
    "spherical": "on the sphere",
    "smooth": "smooth curve",
}
_KIND_LESSONS: dict[Kind, str] = {
    "straight": "A straight line cuts through the inside of the shell where z live, so its middle "
    "is nearer to 0 than any z that the generator saw while it learned: pictures there are paler "
    "and more alike.",
    "spherical": "The way stays as far from 0 as its ends are, where the generator has learned, so "
    "the pictures between are as good as those at the ends.",
    "smooth": "As far from 0 as on the sphere, and without a sharp turn at the points: the picture "
    "changes evenly as it passes them.",
}
_FILE_TITLES = {"gif": "GIF", "webp": "WebP", "mp4": "MP4", "png": "PNG strip"}
_MIME = {"gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4", "png": "image/png"}


def draw_morph(source: Source, picked: list[Point]) -> None:
    """Draw the way by way of the picked points, its player and its files."""
    if len(picked) < 2:
        _ask_for_points(source, picked)
        return
    st.fragment(_draw_way)(source, picked[:MAX_PICKED])


def _ask_for_points(source: Source, picked: list[Point]) -> None:
    have = f"You have one, **{picked[0].name}**." if picked else "You have none yet."
    st.info(
        f"A morph leads from one picked picture to the next, two to {MAX_PICKED} of them. {have} "
        "Pick them in the gallery, or begin with two at random.",
        icon=":material/timeline:",
    )
    if st.button("Two at random", icon=":material/casino:", key="morph-random"):
        try:
            seed = int(np.random.default_rng().integers(10_000))
            found = studio().z_of(source, 2, seed)
            classes = studio().describe(source).classes
        except GanError as error:
            st.error(str(error), icon=":material/error:")
            return
        for i in range(2 - len(picked)):
            label = i % len(classes) if classes else None
            pick_point(source.run_id, Point(found[i], label, "", f"seed {seed}, picture {i + 1}"))
        st.rerun()


@dataclass(frozen=True)
class _Way:
    """What the user has set."""

    kind: Kind
    n_frames: int
    loop: bool

    def path(self, picked: list[Point]) -> Path:
        points = np.stack([point.z for point in picked])
        return make_path(points, self.n_frames, self.kind, loop=self.loop)


def _draw_way(source: Source, picked: list[Point]) -> None:
    way = _choose_way()
    try:
        with st.spinner("Drawing the frames …", show_time=True):
            facts = studio().describe(source)
            reel = _reel(source, facts, picked, way)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    frame = morph_player(reel, key="morph-player")
    st.caption(f"{_KIND_LESSONS[way.kind]} {describe_steps(reel.changes)}")
    if len({point.label for point in picked}) > 1:
        st.caption(
            "A class cannot be half one and half the other, so it switches in the middle between "
            "two points: that step may jump."
        )
    _draw_files(source, reel)
    if frame is not None:
        _pick_frame(source, picked, way, frame)


def _choose_way() -> _Way:
    settings = (_KIND, _FRAMES, _LOOP)
    for setting in settings:
        setting.begin()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind: Kind = st.segmented_control(
            "Way", KINDS, key=_KIND.key, required=True,
            format_func=lambda each: _KIND_TITLES[each],
            help="How the way leads from one picked point to the next.",
        )  # fmt: skip
        n_frames = st.select_slider(
            "Frames", _COUNTS, key=_FRAMES.key,
            help="Pictures on the whole way: more are smoother and make larger files.", width=220,
        )  # fmt: skip
        loop = st.toggle(
            "Back to the first", key=_LOOP.key,
            help="The way ends where it began, so that it can run round and round.",
        )  # fmt: skip
    for setting in settings:
        setting.write()
    return _Way(kind, int(n_frames), loop)


def frame_labels(labels: list[int | None], path: Path) -> npt.NDArray[np.int64] | None:
    """Return the class of each frame `[N]`: that of the point which is nearest on the way.

    At the points themselves it is theirs, so their frames are the pictures that were picked.
    """
    if any(label is None for label in labels):
        return None
    n = len(path.z)
    marks = np.append(path.keys, n) if path.is_loop else path.keys
    nearest = np.abs(np.arange(n)[:, None] - marks[None, :]).argmin(axis=1)
    return np.asarray(labels, dtype=np.int64)[nearest % len(labels)]


def describe_steps(changes: npt.NDArray[np.floating[Any]]) -> str:
    """Return one sentence: whether the pictures change evenly along the way, fast or in a jump.

    Args:
        changes: `[N]`, of each frame from the one before, in percent; NaN where there is none.
    """
    steps = np.nan_to_num(np.asarray(changes, dtype=np.float64))
    at = int(steps.argmax())
    largest, usual = float(steps[at]), float(np.nanmedian(changes))
    if largest == 0:
        return "Nothing changes on this way: its points draw the same picture."
    beside = max(steps[max(0, at - 1)] if at else 0.0, steps[min(len(steps) - 1, at + 1)])
    numbers = f"by {largest:.1f} % at frame {at + 1}, and by {usual:.1f} % at the usual one"
    if largest <= _FAST * usual:
        return f"It changes **smoothly**: {numbers}."
    if largest > _JUMP * beside:
        return f"It **jumps**: {numbers}."
    return f"It changes **fast in places**, but without a jump: {numbers}."


def _reel(source: Source, facts: GeneratorFacts, picked: list[Point], way: _Way) -> MorphReel:
    """Draw all frames in one batch, unless they are those of a moment ago. Raises GanError."""
    words = [source, facts.step, way, *(p.key + p.name for p in picked)]
    token = hashlib.sha256(repr(words).encode()).hexdigest()[:16]
    last: MorphReel | None = st.session_state.get("morph_reel")
    if last is not None and last.token == token:
        return last
    path = way.path(picked)
    labels = frame_labels([point.label for point in picked], path) if facts.classes else None
    drawn = studio().draw(source, path.z, labels, scores=facts.has_discriminator)
    scores = drawn.scores
    if scores is not None and facts.score_is_probability:
        scores = 100 / (1 + np.exp(-scores.astype(np.float64)))
    changes = step_lengths(drawn.images, loop=way.loop) / 2.55
    if not way.loop:
        changes[0] = np.nan  # nothing is before it
    reel = MorphReel(
        token,
        drawn.images,
        path.keys.tolist(),
        [point.name for point in picked],
        changes,
        scores,
        facts.score_is_probability,
        way.loop,
    )
    st.session_state["morph_reel"] = reel
    return reel


def _draw_files(source: Source, reel: MorphReel) -> None:
    back = f"{state.KEPT}morph_back_{reel.is_loop}"
    state.begin_with(back, not reel.is_loop)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        there_and_back = st.toggle(
            "There and back in the file", key=back,
            help="The file runs on and on: without this it jumps from the last frame to the first.",
        )  # fmt: skip
        for kind in FILE_KINDS:
            st.download_button(
                _FILE_TITLES[kind],
                _deferred(reel.pictures, kind, there_and_back),
                f"{source.run_id}-morph.{kind}",
                _MIME[kind],
                icon=":material/download:",
                on_click="ignore",
                key=f"morph-file-{kind}",
            )


def _deferred(pictures: Pictures, kind: str, there_and_back: bool) -> Callable[[], bytes]:
    """Return what makes the file when its button is pressed."""
    return lambda: morph_bytes(pictures, kind, fps=EXPORT_FPS, there_and_back=there_and_back)


def _pick_frame(source: Source, picked: list[Point], way: _Way, frame: int) -> None:
    path = way.path(picked)
    labels = frame_labels([point.label for point in picked], path)
    label = None if labels is None else int(labels[frame])
    if pick_point(source.run_id, Point(path.z[frame], label, "", f"morph, frame {frame + 1}")):
        st.rerun()
    st.caption(
        f"It is picked already, or there are {MAX_PICKED} picked points: take one out first."
    )
