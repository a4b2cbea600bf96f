"""Named starting points: published training setups, exact to their source, and our own.

Vocabulary layer. A recipe is a function that returns a `RunConfig`; a variant is a small edit of
a copy (`config.with_changes`).
"""

from gan.errors import UnknownNameError
from gan.recipes.card import Recipe
from gan.recipes.ours import OURS
from gan.recipes.published import PUBLISHED

__all__ = ["RECIPES", "Recipe", "get_recipe"]


def get_recipe(name: str) -> Recipe:
    """Look a recipe up by name.

    Raises:
        UnknownNameError: lists the recipes there are.
    """
    try:
        return RECIPES[name]
    except KeyError:
        raise UnknownNameError("recipe", name, list(RECIPES)) from None


RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (*PUBLISHED, *OURS)}
