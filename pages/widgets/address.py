"""What stands in the page's address: which run is open, in which view.

The address is the only place where a page keeps these, so a reload, a second tab and a restarted
server all find the same run.
"""

import time

import streamlit as st

from gan.runs.latent.place import Place, Tile, encode

TRAIN_PAGE = "pages/train.py"
RUNS_PAGE = "pages/runs.py"
EXPLORE_PAGE = "pages/explore.py"
EVALUATE_PAGE = "pages/evaluate.py"
COMPARE_PAGE = "pages/compare.py"

FROM_COMPARISON = "from:"
FROM_PRESET = "preset:"

_MOVED = "address_moved"
_SETTLES_IN_S = 10.0  # by then every refresh that the browser sent before is through


def open_run_id() -> str | None:
    """Return the run that the address names.

    A refresh that the browser had already sent when another run was opened still names the one
    before: it is told the new one.
    """
    run_id = st.query_params.get("run")
    moved = st.session_state.get(_MOVED)
    if moved is None or time.monotonic() - moved[2] > _SETTLES_IN_S:
        return run_id
    left, opened, _ = moved
    if run_id is None or run_id != left:
        return run_id
    st.query_params["run"] = opened
    return str(opened)


def template_run_id() -> str | None:
    """Return the run whose settings a new one starts from ("duplicate with changes")."""
    return st.query_params.get("from")


def chosen_recipe() -> str | None:
    """Return the recipe that the address names."""
    return st.query_params.get("recipe")


def choose_recipe(name: str) -> None:
    """Put a recipe into the address; settings made for another run are left behind."""
    st.query_params.from_dict({"recipe": name})


def is_presentation() -> bool:
    """Tell whether the large view without sidebar is asked for."""
    return st.query_params.get("view") == "present"


def set_presentation(on: bool) -> None:
    """Switch the large view on or off."""
    if on:
        st.query_params["view"] = "present"
    else:
        st.query_params.pop("view", None)


def go_to_run(run_id: str) -> None:
    """Leave for the page of a run."""
    st.session_state[_MOVED] = (st.query_params.get("run"), run_id, time.monotonic())
    st.switch_page(TRAIN_PAGE, query_params={"run": run_id})


def go_to_setup(*, recipe: str | None = None, template: str | None = None) -> None:
    """Leave for the settings of a new run, from a recipe or from another run."""
    params = {"recipe": recipe, "from": template}
    st.switch_page(TRAIN_PAGE, query_params={k: v for k, v in params.items() if v})


def go_to_evaluation(run_id: str) -> None:
    """Leave for the measuring of a run."""
    st.switch_page(EVALUATE_PAGE, query_params={"run": run_id})


def open_comparison_id() -> str:
    """Return the comparison that the address names, '' if none."""
    return parameter("comparison")


def go_to_comparison(comparison_id: str) -> None:
    """Leave for a comparison."""
    st.switch_page(COMPARE_PAGE, query_params={"comparison": comparison_id})


def go_to_comparisons() -> None:
    """Leave for the list of comparisons."""
    st.query_params.clear()
    st.switch_page(COMPARE_PAGE)


def design_comparison(origin: str) -> None:
    """Put into the address what a new comparison starts from.

    Args:
        origin: a recipe's name, `preset:<name>` or `from:<comparison>`.
    """
    st.query_params.from_dict({"design": origin})


def go_to_explore(
    run_id: str, *, tile: int | None = None, step: int | None = None, raw: bool = False
) -> None:
    """Leave for the latent space of a run, of a tile of its wall if one is named."""
    params = {
        "run": run_id,
        "step": None if step is None else str(step),
        "raw": "1" if raw else None,
        "at": None if tile is None else encode(Place(Tile(tile))),
        "tab": None if tile is None else "Sliders",
    }
    st.switch_page(EXPLORE_PAGE, query_params={k: v for k, v in params.items() if v})


def parameter(name: str) -> str:
    """Return what the address says under a name, '' if nothing."""
    return str(st.query_params.get(name) or "")


def number_parameter(name: str) -> int | None:
    """Return a whole number from the address, None if there is none."""
    text = parameter(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def keep_parameters(**values: str | int | None) -> None:
    """Put values into the address, or take out those that are None; others stay."""
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)
