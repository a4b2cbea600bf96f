"""What a new run learns from: which pictures, where they come from, and a look at them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from gan.config import DataConfig, RunConfig
from gan.data.arrays import ImageArrays
from gan.data.facts import DataFacts
from gan.data.sources import Located
from gan.errors import GanError
from gan.fields import FIELDS
from gan.figures.colours import REAL
from gan.runs.checking import check_run
from gan.runs.folder import Home
from gan.runs.images import describe_images, load_images
from gan.runs.uploads import keep_upload
from pages.widgets.fields_form import (
    draw_field,
    draw_group,
    form_value,
    read_form,
    set_form_value,
)
from pages.widgets.resources import home, preparer

_POLL_S = 0.5
_REMEMBER_S = 3.0  # a folder may hold a hundred thousand files, and each rerun asks about it
_N_TILES = 60
_SHEET_PX = 900
_MEAN_PX = 160
_ALL = "all classes"
_MAX_BARS = 50


def draw_data(base: RunConfig) -> None:
    """Draw the data settings and the panel that shows the pictures."""
    group = [spec for spec in FIELDS.values() if spec.group == "Data"]
    shown_above: set[str] = set()
    if form_value("data.dataset") == "own-pictures":
        draw_own_pictures()
        shown_above = {"data.dataset", "data.folder", "data.source"}
    draw_group((spec for spec in group if spec.path not in shown_above), columns=4)
    try:
        data = read_form(base).data
        if data.dataset == "own-pictures" and not data.folder:
            st.info(
                "Bring a zip, or name a folder: the pictures are shown here before you train.",
                icon=":material/photo_library:",
            )
            return
        facts = facts_of(data)
    except GanError:  # the bar with Train says why
        st.caption("The pictures are shown here as soon as these settings work.")
        return
    draw_pictures(data, facts)


def facts_of(data: DataConfig) -> DataFacts:
    """Return what the images will be like, as seen at most some seconds ago. Raises DataError."""
    return _facts(str(home().root), data.model_dump_json())


def check_settings(config: RunConfig) -> None:
    """Raise ConfigError or DataError if such a run could not train; as seen some seconds ago."""
    _check(str(home().root), config.to_json())


@st.cache_data(ttl=_REMEMBER_S, max_entries=64, show_spinner=False)
def _facts(root: str, data_json: str) -> DataFacts:
    return describe_images(Home(Path(root)), DataConfig.model_validate_json(data_json))


@st.cache_data(ttl=_REMEMBER_S, max_entries=64, show_spinner=False)
def _check(root: str, config_json: str) -> None:
    check_run(Home(Path(root)), RunConfig.model_validate_json(config_json))


def _look_anew() -> None:
    """Forget what was seen: images have just been prepared."""
    _facts.clear()
    _check.clear()
    _arrays.clear()


def draw_own_pictures() -> None:
    """Draw the ways to bring pictures of one's own: a zip, or a folder of this machine."""
    left, middle, right = st.columns(3)
    with left:
        draw_field("data.dataset")
    with middle:
        uploaded = st.file_uploader(
            "A zip with pictures", type="zip", key="upload",
            help="PNG, JPEG, WebP, GIF and others, of any size; sub-folders become classes. The "
            "zip is checked before anything is unpacked, and stays on this machine.",
        )  # fmt: skip
        if uploaded is not None:
            _keep(uploaded)
    with right:
        draw_field("data.folder", placeholder="or a folder on this machine")


def _keep(uploaded: "st.runtime.uploaded_file_manager.UploadedFile") -> None:
    """Keep a zip in the workspace, once, and let the form name it; or say what is wrong with it."""
    if st.session_state.get("upload_seen") == uploaded.file_id:
        trouble = st.session_state.get("upload_trouble")
        if trouble:
            st.error(trouble, icon=":material/error:")
        return
    st.session_state["upload_seen"] = uploaded.file_id
    st.session_state["upload_trouble"] = None
    try:
        with st.spinner(f"Checking {uploaded.name} …"):
            path = keep_upload(home(), uploaded.name, uploaded)
    except GanError as error:
        st.session_state["upload_trouble"] = str(error)
        st.error(str(error), icon=":material/error:")
        return
    set_form_value("data.folder", str(path))
    st.rerun()


def draw_pictures(data: DataConfig, facts: DataFacts) -> None:
    """Show the pictures of a data section, or prepare them first."""
    draw_source(facts.located)
    if not facts.is_ready:
        _draw_preparation(data, facts)
        return
    state = preparer().look(home(), data)
    if state is not None and state.is_over:
        preparer().forget(data)  # pictures that change in their folder are prepared anew
    try:
        arrays = _arrays(str(home().root), data.model_dump_json(exclude={"flip"}))
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    _draw_facts(arrays)
    _draw_contact_sheet(arrays)


def draw_source(located: Located) -> None:
    """Say where the pictures come from."""
    icon = ":material/folder:" if located.kind == "files" else ":material/info:"
    st.caption(f"{icon} {located.why}")


def _draw_preparation(data: DataConfig, facts: DataFacts) -> None:
    """Offer to download or decode; while that goes on show how far it is."""
    state = preparer().look(home(), data)
    is_download = facts.located.kind == "download"
    if state is None and not is_download:
        preparer().start(home(), data)  # decoding costs nothing but a moment
        state = preparer().look(home(), data)
    if state is None:
        if st.button(f"Download {facts.title} now", icon=":material/download:"):
            preparer().start(home(), data)
            st.rerun()
        st.caption("Training downloads it too, and says so.")
        return
    if state.is_over:
        if state.has_failed:
            st.error(state.text.removeprefix("Error: "), icon=":material/error:")
        if st.button("Try again", icon=":material/refresh:"):
            preparer().forget(data)
            st.rerun()
        return
    st.fragment(_progress, run_every=_POLL_S)(data)


def _progress(data: DataConfig) -> None:
    state = preparer().look(home(), data)
    if state is None or state.is_over:
        _look_anew()
        st.rerun()
        return
    st.progress(state.fraction or 0.0, text=state.text)


@st.cache_resource(max_entries=2, show_spinner=False)
def _arrays(root: str, data_json: str) -> ImageArrays:
    """Return images that are ready; several visitors share them."""
    data = DataConfig.model_validate_json(data_json)
    return load_images(Home(Path(root)), data, may_download=False)


def _draw_facts(arrays: ImageArrays) -> None:
    colours = "grey" if arrays.channels == 1 else "RGB"
    n_classes = len(arrays.classes) if arrays.labels is not None else 0
    st.markdown(
        f"**{arrays.n_images:,}** pictures · **{arrays.size_px} × {arrays.size_px}** px · "
        f"**{colours}** · **{n_classes or 'no'}** classes"
    )
    if arrays.n_skipped:
        files = "file was" if arrays.n_skipped == 1 else "files were"
        with st.expander(f"{arrays.n_skipped:,} {files} left out", icon=":material/warning:"):
            for sentence in arrays.skipped:
                st.markdown(f"- {sentence}")
            if arrays.n_skipped > len(arrays.skipped):
                st.caption(f"and {arrays.n_skipped - len(arrays.skipped):,} more.")


def _draw_contact_sheet(arrays: ImageArrays) -> None:
    chosen = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if arrays.labels is not None and len(arrays.classes) > 1:
            name = st.selectbox(
                "Show", [_ALL, *arrays.classes], width=260, help="Look at one class by itself.",
                key=f"data_class-{arrays.fingerprint}",
            )  # fmt: skip
            chosen = None if name == _ALL else arrays.classes.index(name)
        if st.button("Other pictures", icon=":material/shuffle:", help="Show others of the set."):
            st.session_state["data_page"] = st.session_state.get("data_page", 0) + 1
    where = (
        np.arange(arrays.n_images)
        if chosen is None or arrays.labels is None
        else (np.flatnonzero(arrays.labels == chosen))
    )
    rng = np.random.default_rng(st.session_state.get("data_page", 0))
    some = np.sort(rng.permutation(where)[:_N_TILES])
    left, right = st.columns([4, 1], gap="medium")
    with left:
        st.image(_sheet(arrays.images[some]), width="stretch", output_format="PNG")
        st.caption(f"{len(some):,} of {len(where):,} pictures, as the discriminator sees them.")
    with right:
        mean = _mean_image(arrays, where)
        st.image(_enlarged(mean, _MEAN_PX), width="content", output_format="PNG")
        st.caption("Their mean: the sharper it is, the more alike they are.")
    _draw_classes(arrays)


def _draw_classes(arrays: ImageArrays) -> None:
    if arrays.labels is None or not 1 < len(arrays.classes) <= _MAX_BARS:
        return
    counts = np.bincount(arrays.labels, minlength=len(arrays.classes))
    colour = REAL.dark if st.context.theme.type == "dark" else REAL.light
    figure = go.Figure(go.Bar(x=list(arrays.classes), y=counts, marker_color=colour))
    figure.update_layout(
        height=240, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        yaxis_title="pictures", yaxis_tickformat=",d", xaxis_title="class", xaxis_type="category",
    )  # fmt: skip
    st.plotly_chart(figure, config={"displayModeBar": False}, key="data_classes")


def _sheet(images: npt.NDArray[np.uint8]) -> Image.Image:
    """Return tiles on a sheet of 10 or 12 columns, enlarged by a whole factor."""
    n, channels, height, width = images.shape
    columns = min(n, 12)
    rows = -(-n // columns)
    sheet = np.zeros((rows * (height + 1), columns * (width + 1), channels), dtype=np.uint8)
    sheet[:] = 127
    for i, image in enumerate(images):
        y, x = (i // columns) * (height + 1), (i % columns) * (width + 1)
        sheet[y : y + height, x : x + width] = image.transpose(1, 2, 0)
    return _enlarged(sheet, _SHEET_PX)


def _enlarged(pixels: npt.NDArray[np.uint8], width_px: int) -> Image.Image:
    """Return an image of at most about this width in which each pixel stays a square."""
    picture = Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)
    factor = max(1, width_px // picture.width)
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.NEAREST)


@st.cache_data(
    max_entries=16, show_spinner=False, hash_funcs={ImageArrays: lambda a: a.fingerprint}
)
def _mean_image(arrays: ImageArrays, where: Sequence[int]) -> npt.NDArray[np.uint8]:
    """Return the mean `[H, W, C]` of these images, or of 5,000 of them if there are more."""
    some = np.asarray(where)[:: max(1, len(where) // 5_000)]
    mean = arrays.images[some].mean(axis=0)
    return np.rint(mean).astype(np.uint8).transpose(1, 2, 0)
