"""What stands behind a comparison: its design, its source, and the way to a changed one."""

import streamlit as st

from gan.comparing.design import Factor, factor_paths
from gan.comparing.presets import PRESETS
from gan.fields import FIELDS
from gan.recipes import RECIPES
from gan.runs.comparisons import Comparison
from pages.widgets import address, texts
from pages.widgets.fields_form import value_label


def draw_details(comparison: Comparison) -> None:
    """Draw what was compared with what, and offer to do so again with changes."""
    design = comparison.design
    with st.expander("What is compared", icon=":material/balance:"):
        recipe = str(design.base.get("recipe", ""))
        title = RECIPES[recipe].title if recipe in RECIPES else recipe
        st.markdown(
            f"**{texts.escape(title)}**, {design.budget.text} each, "
            f"{len(design.seeds)} seeds ({', '.join(map(str, design.seeds))}). The distance to "
            f"real pictures is measured every {design.quality_every:,} steps."
        )
        for factor in design.factors:
            _draw_factor(factor)
        preset = PRESETS.get(design.preset)
        if preset is not None:
            st.caption(preset.source)
            st.caption(preset.notes)
    if st.button("Change it and compare again", icon=":material/edit:", key="compare-again"):
        address.design_comparison(f"{address.FROM_COMPARISON}{comparison.id}")
        st.rerun()


def _draw_factor(factor: Factor) -> None:
    paths = factor_paths(factor)
    rows = [
        {"": option.label}
        | {
            FIELDS[path].title: value_label(path, option.changes[path])
            if path in option.changes
            else "its default"
            for path in paths
        }
        for option in factor.options
    ]
    st.markdown(f"{texts.escape(factor.title)}:")
    st.dataframe(rows, hide_index=True, width="content")
