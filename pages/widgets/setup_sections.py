"""The settings of a new run, one section at a time: short pages, on a phone too."""

from contextlib import suppress

import streamlit as st

from gan.config import RunConfig
from gan.errors import GanError
from gan.fields import FIELDS, FieldSpec
from gan.losses.regularisers import REGULARISERS
from gan.runs import probe
from gan.runs.folder import Home
from pages.widgets.data_panel import draw_data, draw_source, facts_of
from pages.widgets.fields_form import applies, draw_field, draw_group, form_value, read_form
from pages.widgets.network_panel import NO_NETWORKS, draw_networks
from pages.widgets.resources import home
from pages.widgets.run.details import draw_loss

BASICS = "Basics"
_GROUPS = {
    BASICS: (),
    "Data": ("Data",),
    "Networks": ("Networks",),
    "Objective": ("Objective",),
    "Optimisers": ("Optimiser of G", "Optimiser of D"),
    "Training": ("Training", "Stopping"),
    "Reports": ("Reports and checkpoints", "Quality"),
}
SECTIONS = tuple(_GROUPS)
_INTROS = {
    BASICS: "What matters most. The other sections hold the rest.",
    "Data": "The pictures that the generator learns to imitate.",
    "Networks": "What the generator G and the discriminator D are built of.",
    "Objective": "What each network tries to make small, and what keeps the game fair.",
    "Optimisers": "How each network learns from its mistakes.",
    "Training": "How long, in what order and on which device the two take turns.",
    "Reports": "How often you see numbers and pictures, and how often the run is saved.",
}
_BASIC_ROWS = (
    ("data.dataset", "model.name", "loss.name"),
    ("g_opt.name", "g_opt.lr", "d_opt.name", "d_opt.lr"),
    ("train.epochs", "train.batch_size", "output.sample_every", "train.seed"),
    ("train.device",),
)


def draw_sections(base: RunConfig) -> None:
    """Draw the choice of a section, and that section."""
    st.session_state.setdefault("setup_section", BASICS)  # a recipe may have chosen another
    section = st.segmented_control(
        "Settings", SECTIONS, required=True, wrap=True, key="setup_section",
        label_visibility="collapsed",
    )  # fmt: skip
    section = section or BASICS
    st.caption(_INTROS[section])
    specs = [spec for spec in FIELDS.values() if spec.group in _GROUPS[section]]
    match section:
        case "Basics":
            _draw_basics(base)
        case "Data":
            draw_data(base)
        case "Networks":
            draw_group(specs)
            _draw_networks(base)
        case "Objective":
            draw_group(specs)
            _draw_objective()
        case "Optimisers":
            _draw_optimisers(specs)
        case _:
            if section == "Training":
                _draw_device(home())
            draw_group(spec for spec in specs if spec.path != "train.device")


def _draw_basics(base: RunConfig) -> None:
    for row in _BASIC_ROWS:
        length = "train.n_steps" if form_value("train.n_steps") else "train.epochs"
        for column, path in zip(st.columns(len(row)), row, strict=True):
            with column:
                if path == "train.device":
                    _draw_device(home())
                else:
                    draw_field(length if path == "train.epochs" else path)
    with suppress(GanError):  # the bar with Train says what is wrong
        draw_source(facts_of(read_form(base).data).located)


def _draw_networks(base: RunConfig) -> None:
    try:
        config = read_form(base)
        facts = facts_of(config.data)
    except GanError:  # the bar with Train says why
        st.caption(NO_NETWORKS)
        return
    draw_networks(
        config.model,
        img_channels=facts.channels,
        size_px=facts.size_px,
        n_classes=len(facts.classes),
    )


def _draw_objective() -> None:
    st.subheader("What they minimise", divider="gray")
    draw_loss(form_value("loss.name"))
    with st.expander("What keeps training stable", icon=":material/balance:"):
        for info in REGULARISERS.values():
            st.markdown(f"**{info.title}** (`{FIELDS[info.setting].flag}`). {info.summary}")
            if info.formula:
                st.latex(info.formula)
            st.caption(f"{info.when_to_use} Source: {info.source}.")


def _draw_optimisers(specs: list[FieldSpec]) -> None:
    for column, player in zip(st.columns(2, gap="large"), ("G", "D"), strict=True):
        with column:
            st.subheader("Generator" if player == "G" else "Discriminator", divider="gray")
            for spec in specs:
                if spec.group.endswith(player) and applies(spec):
                    draw_field(spec.path)


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
        width=420,
    )
