"""The settings of a new run: which recipe, what is changed in it, and the button that trains it."""

import streamlit as st

from gan.config import RunConfig
from gan.data.catalog import get_dataset_info
from gan.errors import GanError
from gan.recipes import RECIPES, Recipe, get_recipe
from gan.runs import control, probe
from gan.runs.folder import find_run
from pages.widgets import address, texts
from pages.widgets.components.live_chart import preload
from pages.widgets.data_panel import check_settings
from pages.widgets.fields_form import (
    changed_titles,
    fill_form_from,
    form_value,
    keep_form,
    read_form,
)
from pages.widgets.resources import home, standby_keeper
from pages.widgets.setup_sections import draw_sections

_POLL_S = 1.0
_KINDS = {
    "mlp": "fully connected",
    "dcgan": "convolutional",
    "upsample": "convolutional",
    "resnet": "residual",
}


def draw_setup() -> None:
    """Draw the whole form and launch the run when Train is pressed."""
    base, origin = _base()
    fill_form_from(base, origin)
    keep_form()
    preload()
    st.title("Train a GAN")
    st.caption(
        "A generator learns to draw; a discriminator learns to tell its drawings from real "
        "pictures. Choose a recipe and press Train."
    )
    left, right = st.columns([1, 2], gap="large")
    with left:
        if address.template_run_id():
            st.info(f"The settings of {origin}: change what you like.", icon=":material/edit:")
        _draw_recipes(base.recipe)
    with right:
        draw_sections(base)
    _draw_launch(base)


def _draw_recipes(chosen: str) -> None:
    """Draw the list of recipes and what the chosen one is; choosing puts it into the address."""
    names = list(RECIPES)
    st.subheader("Recipe", divider="gray")
    picked = st.radio(
        "Recipe",
        names,
        index=names.index(chosen) if chosen in names else None,
        format_func=lambda name: RECIPES[name].title,
        captions=[_tagline(recipe) for recipe in RECIPES.values()],
        label_visibility="collapsed",
        key=f"recipe-{chosen}",  # another chosen recipe, another widget: the address decides
    )
    if picked is not None and picked != chosen:
        address.choose_recipe(picked)
        if RECIPES[picked].build().data.dataset == "own-pictures":
            st.session_state["setup_section"] = "Data"  # which still has to be brought
        st.rerun()
    if chosen in RECIPES:
        recipe = RECIPES[chosen]
        with st.container(border=True):
            st.markdown(recipe.summary)
            with st.expander("Source and departures from it", icon=":material/menu_book:"):
                st.caption(recipe.source)
                st.caption(recipe.notes)


def _tagline(recipe: Recipe) -> str:
    config = recipe.build()
    seconds = _estimate(config)
    time = f" · about {texts.duration(seconds)}" if seconds is not None else ""
    return f"{get_dataset_info(config.data.dataset).title} · {_KINDS[config.model.name]}{time}"


def _base() -> tuple[RunConfig, str]:
    """Return the configuration that the form starts from, and what it is called."""
    template = address.template_run_id()
    if template:
        try:
            folder = find_run(home(), template)
            return control.read_config(folder), control.summarise(folder).name
        except GanError as error:
            st.error(str(error), icon=":material/error:")
    name = address.chosen_recipe() or next(iter(RECIPES))
    try:
        return get_recipe(name).build(), name
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        recipe = next(iter(RECIPES.values()))
        return recipe.build(), recipe.name


def _draw_launch(base: RunConfig) -> None:
    """Draw the bar that stays in sight: name, what was changed, how long it takes, Train."""
    with st.container(border=True, key="launch"):
        config, trouble = _read_settings(base)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text_input(
                "Name", key="setup_name", placeholder=f"Name: {base.recipe} …", max_chars=80,
                label_visibility="collapsed", width=260,
            )  # fmt: skip
            with st.container(width="stretch", gap=None):
                if config is None:
                    _draw_trouble(trouble)
                else:
                    _draw_estimate(config)
                    changed = changed_titles(base, config)
                    if changed:
                        st.caption(f"Changed: {', '.join(changed)}.")
            pressed = st.button(
                "Train", type="primary", icon=":material/play_arrow:", width=160,
                disabled=config is None, key="train",
            )  # fmt: skip
        if pressed and config is not None:
            launch(config, name=st.session_state.get("setup_name") or "")


def _read_settings(base: RunConfig) -> tuple[RunConfig | None, str]:
    """Return what the form says, or None and why it cannot be trained."""
    try:
        config = read_form(base)
        check_settings(config)
    except GanError as error:
        return None, str(error)
    return config, ""


def _draw_trouble(trouble: str) -> None:
    if form_value("data.dataset") == "own-pictures" and not form_value("data.folder"):
        st.markdown(":material/photo_library: Bring your pictures first, under **Data**.")
    else:
        st.error(trouble, icon=":material/error:")


def launch(config: RunConfig, *, name: str = "") -> None:
    """Start a run and go to its page."""
    try:
        folder = control.launch(home(), config, name=name)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    standby_keeper().hold_back(15.0)
    address.go_to_run(folder.id)


def _draw_estimate(config: RunConfig) -> None:
    st.fragment(_estimate_line, run_every=_POLL_S if _estimate(config) is None else None)(config)


def _estimate(config: RunConfig) -> float | None:
    """Return the expected seconds, rounded to what an estimate can know."""
    seconds = probe.estimate_s(home(), config, config.train.device)
    if seconds is None or seconds < 300:
        return seconds
    grain = 60.0 if seconds < 3600 else 600.0
    return grain * round(seconds / grain)


def _estimate_line(config: RunConfig) -> None:
    seconds = _estimate(config)
    if seconds is not None:
        st.markdown(f"About **{texts.duration(seconds)}** on this device, as measured.")
        return
    st.caption(_WAITING_TEXTS[probe.request_speed(home(), config, config.train.device)])


_WAITING_TEXTS = {
    probe.ProbeState.READY: "Measured; one moment …",
    probe.ProbeState.RUNNING: "Measuring how long it takes on this device …",
    probe.ProbeState.BUSY: "How long it takes is measured when no run is training.",
    probe.ProbeState.FAILED: "How long it takes could not be measured.",
}
