"""The form for a comparison: what is trained, what differs, how often and for how long."""

from typing import Any

import streamlit as st

from gan.comparing.design import MAX_SEEDS, Budget, ComparisonDesign, Factor
from gan.config import RunConfig
from gan.errors import GanError
from gan.recipes import RECIPES, get_recipe
from pages.widgets import address
from pages.widgets.compare.factors import chosen_subject, draw_factor, fill_factors
from pages.widgets.data_panel import check_settings, draw_own_pictures, draw_source, facts_of
from pages.widgets.fields_form import (
    changed_titles,
    draw_field,
    fill_form_from,
    form_value,
    keep_form,
    read_form,
)
from pages.widgets.setup_sections import draw_sections

_FILLED_FROM = "compare_filled_from"
_KINDS = {"steps": "so many steps", "seconds": "so much time"}
_N_SEEDS = 3
_N_STEPS = 2000
_SECONDS = 120


def draw_designer(template: ComparisonDesign | None, origin: str) -> ComparisonDesign | None:
    """Draw the form; return the design that it describes, None while something is missing.

    Args:
        template: a design to start from.
        origin: where that comes from, the name of a recipe if there is no template.
    """
    base = RunConfig.parse(template.base) if template else _recipe_base(origin)
    _fill_once(base, template, origin)
    keep_form()
    _draw_base(base, origin, is_fixed=template is not None)
    st.subheader("What differs", divider="gray")
    trouble = ""
    factors: list[Factor] = []
    try:
        changed = read_form(base)
    except GanError as error:
        changed, trouble = base, str(error)
    for number in (1, 2):
        before = chosen_subject(1)
        try:
            factor = draw_factor(number, changed, [before] if number == 2 and before else [])
        except GanError as error:
            trouble = trouble or str(error)
            continue
        if factor is not None:
            factors.append(factor)
    st.subheader("How often and how long", divider="gray")
    seeds, budget, every = _draw_extent()
    name = _draw_name(factors, changed)
    if not trouble:
        try:
            raw = {"seeds": seeds, "budget": budget.model_dump(), "quality_every": every}
            return _design(template, changed, factors, raw | {"name": name})
        except GanError as error:
            trouble = str(error)
    _draw_trouble(trouble)
    return None


def _recipe_base(name: str) -> RunConfig:
    return get_recipe(name if name in RECIPES else next(iter(RECIPES))).build()


def _fill_once(base: RunConfig, template: ComparisonDesign | None, origin: str) -> None:
    """Fill the widgets, the first time and whenever another starting point is chosen."""
    fill_form_from(base, f"comparison of {origin}")
    if st.session_state.get(_FILLED_FROM) == origin:
        for key in [key for key in st.session_state if str(key).startswith("compare.")]:
            st.session_state[key] = st.session_state[key]  # of widgets that are not drawn now
        return
    st.session_state[_FILLED_FROM] = origin
    fill_factors(template.factors if template else ())
    budget = template.budget if template else Budget(kind="steps", amount=_N_STEPS)
    st.session_state["compare.n_seeds"] = len(template.seeds) if template else _N_SEEDS
    st.session_state["compare.kind"] = budget.kind
    st.session_state["compare.steps"] = int(budget.amount) if budget.kind == "steps" else _N_STEPS
    seconds = int(budget.amount) if budget.kind == "seconds" else _SECONDS
    st.session_state["compare.seconds"] = seconds
    st.session_state["compare.every"] = template.quality_every if template else 250
    st.session_state["compare.goal"] = template.goal if template else None
    st.session_state["compare.name"] = ""


# ---- what is trained --------------------------------------------------------------------------


def _draw_base(base: RunConfig, origin: str, *, is_fixed: bool) -> None:
    st.subheader("What is trained", divider="gray")
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    with left:
        if is_fixed:
            st.text_input("Recipe", base.recipe, disabled=True, key="compare-recipe-fixed")
        else:
            names = list(RECIPES)
            picked = st.selectbox(
                "Recipe", names, index=names.index(base.recipe),
                format_func=lambda name: RECIPES[name].title, key=f"compare-recipe-{origin}",
            )  # fmt: skip
            if picked != base.recipe:
                address.design_comparison(picked)
                st.rerun()
    with right:
        more = st.toggle(
            "Change its other settings", key="compare_more",
            help="For all variants alike: networks, loss, batch size, size of the pictures …",
        )  # fmt: skip
    if more:
        draw_sections(base)
        st.caption(
            "Seed, device, threads and length in these sections do not count here: a comparison "
            "sets them itself, below."
        )
        return
    if form_value("data.dataset") == "own-pictures":
        draw_own_pictures()
    else:
        with middle:
            draw_field("data.dataset")
    try:
        config = read_form(base)
        if config.data.dataset != "own-pictures" or config.data.folder:
            draw_source(facts_of(config.data).located)
        changed = [title for title in changed_titles(base, config) if title != "Data set"]
    except GanError:  # said below
        return
    if changed:
        st.caption(f"Changed for all variants: {', '.join(changed)}.")


# ---- how often and how long -------------------------------------------------------------------


def _draw_extent() -> tuple[tuple[int, ...], Budget, int]:
    columns = st.columns([2, 3, 2, 2], vertical_alignment="top")
    with columns[0]:
        n_seeds = st.number_input(
            "Seeds", min_value=1, max_value=MAX_SEEDS, step=1, key="compare.n_seeds",
            help="Each variant trains once for each seed. Chance decides much in a GAN: one seed "
            "shows what can happen, three hint at it, and only from six on can a difference be "
            "called significant.",
        )  # fmt: skip
    with columns[1]:
        kind = st.segmented_control(
            "Each run gets", list(_KINDS), required=True, key="compare.kind",
            format_func=lambda each: _KINDS[each],
            help="The same number of steps for each, or the same training time, in which fast "
            "settings get further.",
        )  # fmt: skip
    with columns[2]:
        if kind == "seconds":
            amount = st.number_input(
                "Training time (s)", min_value=1, max_value=1_000_000, step=10,
                key="compare.seconds",
            )  # fmt: skip
        else:
            amount = st.number_input(
                "Steps", min_value=1, max_value=100_000_000, step=100, key="compare.steps"
            )
    with columns[3]:
        every = st.number_input(
            "Measure every (steps)", min_value=1, max_value=10_000_000, step=10,
            key="compare.every",
            help="How often the distance between generated and real pictures is measured. "
            "Measuring takes time of its own.",
        )  # fmt: skip
    budget = Budget(kind="seconds" if kind == "seconds" else "steps", amount=float(amount))
    return tuple(range(int(n_seeds))), budget, int(every)


def _draw_name(factors: list[Factor], base: RunConfig) -> str:
    proposal = proposed_name(factors, base)
    left, right = st.columns([3, 2])
    with left:
        name = st.text_input("Name", key="compare.name", max_chars=80, placeholder=proposal)
    with right:
        st.number_input(
            "Quality to reach", key="compare.goal", min_value=0.001, placeholder="worst one's best",
            help="A Fréchet distance. The verdict says how long each variant takes to get there; "
            "left empty, it is the best that the worst variant reaches, so that all get there.",
        )  # fmt: skip
    return str(name or "").strip() or proposal


def proposed_name(factors: list[Factor], base: RunConfig) -> str:
    """Return what a comparison is called that nobody names."""
    varied = " and ".join(factor.title.removesuffix(" of both networks") for factor in factors)
    return f"{varied or 'Comparison'} on {base.recipe}"[:80]


def _design(
    template: ComparisonDesign | None,
    base: RunConfig,
    factors: list[Factor],
    extent: dict[str, Any],
) -> ComparisonDesign:
    """Return the design, once every variant of it could train. Raises ConfigError, DataError."""
    design = ComparisonDesign.parse(
        {
            **extent,
            "base": base.model_dump(mode="json"),
            "factors": [factor.model_dump() for factor in factors],
            "goal": st.session_state.get("compare.goal"),
        }
    )
    for variant in design.variants:
        check_settings(design.config(variant, design.seeds[0]))
    if template is not None and template.factors == design.factors:
        return design.model_copy(update={"preset": template.preset})
    return design


def _draw_trouble(trouble: str) -> None:
    if form_value("data.dataset") == "own-pictures" and not form_value("data.folder"):
        trouble = "Bring your pictures first: a zip, or a folder on this machine."
    st.info(trouble, icon=":material/info:")
