"""Find a real picture: which z does the generator draw it from, or one that comes closest?"""

from dataclasses import replace

import numpy as np
import streamlit as st

from gan.errors import GanError
from gan.runs.inverter import Inverted
from gan.runs.notes import Progress
from gan.runs.sheets import Pictures, encode_png, make_sheet
from gan.runs.studio.records import GeneratorFacts, Source
from pages.widgets.components.sample_wall import Picking, Sheet, clicked_tile, sample_wall
from pages.widgets.explore import state
from pages.widgets.explore.figures import figure_html
from pages.widgets.explore.points import MAX_PICKED, Point, pick_point
from pages.widgets.resources import inverter, studio

POLL_S = 0.3
_MAX_UPLOAD_MB = 20
_N_REAL = 32
_PICTURE_PX = 224
_SAME = 1.0  # grey levels: what rounding leaves of a picture that was found
_CLOSE = 12.0
_REAL, _UPLOAD, _PICKED = "from the data", "uploaded", "one that was picked"
_SOURCES = (_REAL, _UPLOAD, _PICKED)
_WHICH, _SEED = f"{state.KEPT}find_which", f"{state.KEPT}find_seed"


def draw_find(source: Source, picked: list[Point]) -> None:
    """Draw the choice of a picture, the search for its z, and what to do with it."""
    try:
        facts = studio().describe(source)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    source = replace(source, step=facts.step)
    st.markdown(
        "A generator turns z into a picture; here is the way back. A picture that it drew itself "
        "has a z, and is found again; a real picture has none that is sure, and how near the "
        "nearest comes shows what the generator has learned and what not."
    )
    left, right = st.columns([1.15, 1], gap="large")
    with left:
        _choose_picture(source, facts, picked)
    with right:
        key: str | None = st.session_state.get(_key(source))
        if key is None:
            st.info("Choose a picture on the left.", icon=":material/image_search:")
        else:
            _draw_search(source, key)


def closeness(found: Inverted) -> str:
    """Return one sentence: how near the picture is that was found."""
    distance = f"{found.distance:.1f} of 255 grey levels"
    begun = f"the nearest of 1,024 random ones was {found.start_distance:.1f} away"
    if found.distance <= _SAME:
        return f"**Found**: it is {distance} away, the same picture but for rounding ({begun})."
    if found.distance <= _CLOSE:
        return f"**Close**: it is {distance} away on average ({begun})."
    return (
        f"**As near as it gets**: {distance} away on average ({begun}). What still differs, the "
        "generator has not learned to draw."
    )


# ---- choosing ------------------------------------------------------------------------------------


def _choose_picture(source: Source, facts: GeneratorFacts, picked: list[Point]) -> None:
    state.begin_with(_WHICH, _REAL, _SOURCES)
    which = st.segmented_control(
        "Picture", _SOURCES, key=_WHICH, required=True,
        help="What to look for.",
    )  # fmt: skip
    try:
        if which == _UPLOAD:
            _choose_upload(source)
        elif which == _REAL:
            _choose_real(source)
        elif picked:
            _choose_picked(source, facts, picked)
        else:
            st.info("Nothing is picked yet: pick in the gallery.", icon=":material/inbox:")
    except GanError as error:
        st.error(str(error), icon=":material/error:")


def _choose_upload(source: Source) -> None:
    given = st.file_uploader(
        "A picture", type=["png", "jpg", "jpeg", "webp", "gif", "bmp"], key="find-upload",
        max_upload_size=_MAX_UPLOAD_MB,
        help="Of any size: its middle square is brought to the generator's size and colours. It "
        "stays on this machine.",
    )  # fmt: skip
    if given is not None and st.session_state.get("find_uploaded") != (source, given.file_id):
        st.session_state["find_uploaded"] = (source, given.file_id)
        _start(source, given.getvalue(), given.name)


def _choose_real(source: Source) -> None:
    seed = int(st.session_state.setdefault(_SEED, 0))
    with st.spinner("Reading the data: seconds the first time …", show_time=True):
        images, rows = _real(source.run_id, source, seed)
    key = f"find-real-{source.run_id}"
    if (click := clicked_tile(key)) is not None and click.tile < len(images):
        row = int(rows[click.tile])
        _start(source, encode_png(images[click.tile]), f"training picture {row:,}")
    n, height, width, _ = images.shape
    sample_wall(
        Sheet(
            encode_png(make_sheet(images)), n, width, height, "Real · training pictures at random",
            f"{n} training pictures", f"{source.run_id}-real-{seed}.png",
        ),
        key=key, series=f"{source.run_id}/find-real/{seed}", max_scale=3,
        picking=Picking("Find picture"),
    )  # fmt: skip
    st.button("Other ones", icon=":material/casino:", key="find-reroll", on_click=_reroll)
    st.caption("Click one to find it.")


@st.cache_data(max_entries=16, show_spinner=False)
def _real(run_id: str, _source: Source, seed: int) -> tuple[Pictures, np.ndarray]:  # noqa: ARG001
    return studio().real(_source, _N_REAL, seed)


def _reroll() -> None:
    st.session_state[_SEED] = int(np.random.default_rng().integers(0, 1_000_000))


def _choose_picked(source: Source, facts: GeneratorFacts, picked: list[Point]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        i = st.selectbox(
            "Picked", range(len(picked)), key="find-picked", width=200,
            format_func=lambda i: picked[i].name,
        )  # fmt: skip
        if st.button("Find it", icon=":material/search:", type="primary", key="find-go"):
            point = picked[i]
            labels = np.array([point.label or 0]) if facts.classes else None
            image = studio().draw(source, point.z[None], labels).images[0]
            _start(source, encode_png(image), f"{point.name} itself")
    st.caption(
        "The generator drew this one, so it has a z for sure: the search should come back to it, "
        "or to another z that draws the same picture."
    )


def _start(source: Source, picture: bytes, name: str) -> None:
    before = st.session_state.get(_key(source))
    if before is not None:
        inverter().cancel(before)  # one at a time: two would take the same cores from each other
    st.session_state[_key(source)] = inverter().start(source, picture)
    st.session_state["find_name"] = name


def _key(source: Source) -> str:
    return f"find_search_{source.run_id}_{source.step}_{source.average}"


# ---- searching -----------------------------------------------------------------------------------


def _draw_search(source: Source, key: str) -> None:
    progress, _ = inverter().look(key)
    is_at_work = progress is not None and not progress.is_over
    st.fragment(_follow, run_every=POLL_S if is_at_work else None)(source, key, is_at_work)


def _follow(source: Source, key: str, was_at_work: bool) -> None:
    """Draw the best picture so far; when the search is over, draw the whole page again."""
    progress, found = inverter().look(key)
    if was_at_work and (progress is None or progress.is_over):
        st.rerun()
    if found is None:
        _draw_bar(key, progress or Progress("This search was ended."))
        return
    st.html(_pair(found))
    if not found.is_final:
        _draw_bar(key, progress or Progress("This search was ended."))
        return
    st.markdown(closeness(found))
    _draw_buttons(source, found)


def _pair(found: Inverted) -> str:
    differs = np.abs(found.target.astype(np.int16) - found.image.astype(np.int16))
    figures = (
        figure_html(found.target, "Looked for", size_px=_PICTURE_PX),
        figure_html(
            found.image,
            "Found" if found.is_final else "Nearest so far",
            f"{found.distance:.1f} grey levels away",
            size_px=_PICTURE_PX,
        ),
        figure_html(
            np.minimum(255, 2 * differs).astype(np.uint8), "Difference", "twice as bright",
            size_px=_PICTURE_PX // 2,
        ),
    )  # fmt: skip
    return f'<div style="display:flex;flex-wrap:wrap;gap:14px">{"".join(figures)}</div>'


def _draw_bar(key: str, progress: Progress) -> None:
    if progress.has_failed:
        st.error(progress.text, icon=":material/error:")
        return
    st.progress(progress.fraction or 0.0, text=progress.text)
    if not progress.is_over and st.button("Stop", icon=":material/stop:", key="find-stop"):
        inverter().cancel(key)
        st.rerun()


def _draw_buttons(source: Source, found: Inverted) -> None:
    name = st.session_state.get("find_name", "a picture")
    point = Point(found.z, found.label, "", f"found for {name}")
    with st.container(horizontal=True):
        edit = st.button(
            "Edit it with the sliders", icon=":material/tune:", type="primary", key="find-edit"
        )
        pick = st.button("Pick it", icon=":material/add:", key="find-pick")
    if edit:
        state.open_point(source.run_id, point)
        st.rerun()
    if pick:
        if pick_point(source.run_id, point):
            st.rerun()
        st.caption(f"It is picked already, or there are {MAX_PICKED}: take one out first.")
