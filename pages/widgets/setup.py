"""The settings of a new run: recipe cards, the few settings people change, and the rest."""

import streamlit as st

from gan.config import RunConfig
from gan.data.batches import count_batches
from gan.data.sources import get_dataset_info
from gan.errors import ConfigError, GanError
from gan.fields import FIELDS, FieldSpec
from gan.recipes import RECIPES, Recipe, get_recipe
from gan.runs import control, probe
from gan.runs.folder import Home, find_run
from gan.runs.images import locate_images
from pages.widgets import address, texts
from pages.widgets.fields_form import (
    changed_titles,
    draw_field,
    draw_group,
    fill_form,
    keep_form,
    read_form,
)
from pages.widgets.live_chart import preload
from pages.widgets.resources import home, standby_keeper

_FILLED_FROM = "setup_filled_from"
_POLL_S = 1.0
_CARDS_IN_A_ROW = 2


def draw_setup() -> None:
    """Draw the whole form and launch the run when Train is pressed."""
    base, origin = _base()
    if st.session_state.get(_FILLED_FROM) != origin:
        fill_form(base)
        st.session_state[_FILLED_FROM] = origin
    keep_form()
    preload()
    st.title("Train a GAN")
    st.caption(
        "A generator learns to draw; a discriminator learns to tell its drawings from real "
        "pictures. Choose a recipe and press Train."
    )
    left, right = st.columns([2, 1], gap="large")
    with left:
        _draw_recipe_cards(base.recipe)
        if address.template_run_id():
            st.info(f"The settings of {origin}: change what you like.", icon=":material/edit:")
        _draw_basic(base)
        _draw_advanced()
    with right:
        _draw_launch(base)


def _draw_recipe_cards(chosen: str) -> None:
    """Draw one card a recipe; choosing one puts it into the address."""
    recipes = list(RECIPES.values())
    for row in range(0, len(recipes), _CARDS_IN_A_ROW):
        columns = st.columns(_CARDS_IN_A_ROW)
        for column, recipe in zip(columns, recipes[row:], strict=False):
            with column, st.container(border=True, height="stretch"):
                _draw_card(recipe, recipe.name == chosen)


def _draw_card(recipe: Recipe, is_chosen: bool) -> None:
    st.markdown(f"**{recipe.title}**")
    st.markdown(recipe.summary)
    seconds = _estimate(recipe.build())
    if seconds is not None:
        st.caption(f":material/timer: About {texts.duration(seconds)} on this device.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_chosen:
            st.markdown(":green-badge[:material/check: chosen]")
        else:
            st.button(
                "Choose",
                key=f"choose-{recipe.name}",
                on_click=address.choose_recipe,
                args=(recipe.name,),
            )
        with st.popover("Source", type="tertiary"):
            st.markdown(recipe.source)
            st.caption(recipe.notes)


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


def _draw_basic(base: RunConfig) -> None:
    st.subheader("Settings", divider="gray")
    first = st.columns(3)
    with first[0]:
        draw_field("data.dataset")
    with first[1]:
        _draw_device(home())
    with first[2]:
        draw_field("train.seed")
    _draw_data_source(base)
    draw_group(
        FIELDS[path]
        for path in ("train.epochs", "train.batch_size", "output.sample_every", "g_opt.lr",
                     "d_opt.lr", "loss.name")
    )  # fmt: skip


def _draw_data_source(base: RunConfig) -> None:
    try:
        config = read_form(base)
        located = locate_images(home(), config.data)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    icon = ":material/folder:" if located.kind == "files" else ":material/info:"
    st.caption(f"{icon} {located.why}")


def _draw_device(here: Home) -> None:
    devices = probe.read_devices(here)
    if devices is None:
        probe.request_devices(here)
    names = ["auto", *(d.name for d in devices or []), *([] if devices else ["cpu"])]
    titles = {d.name: f"{d.name} · {d.title}" for d in devices or []}
    titles["auto"] = f"automatic ({devices[0].name})" if devices else "automatic"
    current = st.session_state.get("cfg.train.device", "auto")
    if current not in names:
        names.append(current)
        titles[current] = f"{current} · not on this machine"
    st.selectbox(
        FIELDS["train.device"].title,
        names,
        format_func=lambda name: titles.get(name, name),
        key="cfg.train.device",
        help=FIELDS["train.device"].help_text,
    )


def _draw_advanced() -> None:
    st.subheader("Advanced", divider="gray")
    groups: dict[str, list[FieldSpec]] = {}
    for spec in FIELDS.values():
        if spec.level == "advanced":
            groups.setdefault(spec.group, []).append(spec)
    for title, specs in groups.items():
        with st.expander(title):
            draw_group(specs)


def _draw_launch(base: RunConfig) -> None:
    with st.container(border=True):
        try:
            config: RunConfig | None = _checked(read_form(base))
        except ConfigError as error:
            config = None
            st.error(str(error), icon=":material/error:")
        st.text_input("Name", key="setup_name", placeholder=f"{base.recipe} …", max_chars=80)
        changed = changed_titles(base)
        if changed:
            st.caption(f"Changed: {', '.join(changed)}.")
        if config is not None:
            _draw_estimate(config)
        pressed = st.button(
            "Train", type="primary", icon=":material/play_arrow:", width="stretch",
            disabled=config is None, key="train",
        )  # fmt: skip
        if pressed and config is not None:
            launch(config, name=st.session_state.get("setup_name") or "")


def _checked(config: RunConfig) -> RunConfig:
    """Return the configuration if its settings fit one another and the data. Raises ConfigError."""
    n_there = get_dataset_info(config.data.dataset).n_images
    n_images = config.data.n_images or n_there
    if n_images > n_there:
        raise ConfigError(
            f"The data set has {n_there:,} images, not {n_images:,}: use at most {n_there:,}."
        )
    count_batches(n_images, config.train.batch_size, drop_last=config.train.drop_last)
    return config


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
    return probe.estimate_s(home(), config, config.train.device)


def _estimate_line(config: RunConfig) -> None:
    seconds = _estimate(config)
    if seconds is not None:
        st.markdown(f"About **{texts.duration(seconds)}** on this device, by a short measurement.")
        return
    st.caption(_WAITING_TEXTS[probe.request_speed(home(), config, config.train.device)])


_WAITING_TEXTS = {
    probe.ProbeState.READY: "Measured; one moment …",
    probe.ProbeState.RUNNING: "Measuring how long it takes on this device …",
    probe.ProbeState.BUSY: "How long it takes is measured when no run is training.",
    probe.ProbeState.FAILED: "How long it takes could not be measured.",
}
