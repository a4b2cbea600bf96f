"""What stands behind a comparison: its design, its source, and the way to a changed one."""

import streamlit as st

from gan.comparing.command import repeat_command
from gan.comparing.design import ComparisonDesign, Factor, factor_paths
from gan.comparing.fairness import judge_fairness
from gan.comparing.presets import PRESETS
from gan.comparing.table import to_csv
from gan.fields import FIELDS
from gan.figures.comparison_html import comparison_report, report_name
from gan.recipes import RECIPES
from gan.runs.comparisons import Comparison
from pages.widgets import address, texts
from pages.widgets.compare.verdict import outcomes_of, verdict_of
from pages.widgets.fields_form import value_label
from pages.widgets.resources import home, race_of


def draw_details(comparison: Comparison) -> None:
    """Draw what was compared with what, and offer to do so again with changes."""
    design = comparison.design
    with st.expander("What is compared, and what is held equal", icon=":material/balance:"):
        recipe = str(design.base.get("recipe", ""))
        title = RECIPES[recipe].title if recipe in RECIPES else recipe
        st.markdown(
            f"**{texts.escape(title)}**, {design.budget.text} each, "
            f"{len(design.seeds)} seeds ({', '.join(map(str, design.seeds))}). The distance to "
            f"real pictures is measured every {design.quality_every:,} steps."
        )
        for factor in design.factors:
            _draw_factor(factor)
        draw_fairness(design)
        preset = PRESETS.get(design.preset)
        if preset is not None:
            st.caption(preset.source)
            st.caption(preset.notes)
    _draw_exports(comparison)
    if st.button("Change it and compare again", icon=":material/edit:", key="compare-again"):
        address.design_comparison(f"{address.FROM_COMPARISON}{comparison.id}")
        st.rerun()


def draw_fairness(design: ComparisonDesign) -> None:
    """Say what all variants of a seed have in common, and what the varied setting makes differ."""
    fairness = judge_fairness(design)
    if fairness.equal:
        st.markdown(f"Equal for all variants of a seed: {'; '.join(fairness.equal)}.")
    for text in fairness.unequal:
        st.warning(text, icon=":material/balance:")
    for text in fairness.notes:
        st.caption(text)


def _draw_exports(comparison: Comparison) -> None:
    """Offer the report and the numbers; both are made when they are asked for."""
    name = report_name(comparison)
    with st.expander("In the terminal", icon=":material/terminal:"):
        st.markdown("This line makes the same comparison anew, on this machine or another:")
        st.code(repeat_command(comparison.design), language="sh", wrap_lines=True)
    with st.container(horizontal=True, key="compare-downloads"):
        st.download_button(
            "Report (HTML)", lambda: _report(comparison), f"{name}.html",
            "text/html", icon=":material/download:", type="primary", key="compare-html",
            on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Figures (CSV)", lambda: _csv(comparison), f"{name}.csv", "text/csv",
            icon=":material/download:", key="compare-csv",
            on_click="ignore",
        )  # fmt: skip


def _report(comparison: Comparison) -> str:
    fairness = judge_fairness(comparison.design)
    return comparison_report(
        home(), comparison, notes=[*fairness.unequal, *fairness.notes],
        command=repeat_command(comparison.design),
    )  # fmt: skip


def _csv(comparison: Comparison) -> str:
    race = race_of(comparison)
    outcomes = outcomes_of(comparison, race)
    return to_csv(comparison.design, outcomes, verdict_of(comparison, race))


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
