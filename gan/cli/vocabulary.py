"""`recipes` and `fields`: what can be trained, how it can be set; `data` is a module of its own.

Door, without torch.
"""

import argparse
from dataclasses import asdict, replace
from typing import Any

from gan.cli import datasets
from gan.cli.output import print_json, print_table
from gan.cli.parser import Commands, add_command
from gan.fields import FIELDS, FieldSpec, get_value, value_text
from gan.recipes import RECIPES, get_recipe
from gan.runs.folder import Home


def add_commands(commands: Commands) -> None:
    """Add `recipes`, `fields` and `data`."""
    add_command(
        commands,
        "recipes",
        list_recipes,
        summary="List the recipes: published training setups to start from.",
        example="python -m gan recipes",
    )
    parser = add_command(
        commands,
        "fields",
        list_fields,
        summary="List every setting with its range, its default and when it may change.",
        example="python -m gan fields\npython -m gan fields vanilla-fashion",
    )
    parser.add_argument(
        "recipe", metavar="RECIPE", nargs="?", help="show this recipe's values as defaults"
    )
    datasets.add_commands(commands)


def list_recipes(args: argparse.Namespace, _home: Home) -> int:
    """Print the recipes."""
    recipes = list(RECIPES.values())
    if args.json:
        print_json(
            [
                {key: getattr(recipe, key) for key in ("name", "title", "summary", "source")}
                for recipe in recipes
            ]
        )
    else:
        print_table(("recipe", "what it is"), [(r.name, r.title) for r in recipes])
    return 0


def list_fields(args: argparse.Namespace, _home: Home) -> int:
    """Print all settings."""
    specs = list(FIELDS.values())
    if args.recipe is not None:
        config = get_recipe(args.recipe).build()
        specs = [replace(spec, default=get_value(config, spec.path)) for spec in specs]
    if args.json:
        print_json([_described(spec) for spec in specs])
        return 0
    print_table(
        ("option", "range", "default", "unit", "a change"),
        [(s.flag, _range(s), value_text(s.default), s.unit or "–", s.applies_text) for s in specs],
    )
    return 0


def _described(spec: FieldSpec) -> dict[str, Any]:
    return asdict(spec) | {"range": spec.range_text, "applies": spec.applies_text}


def _range(spec: FieldSpec) -> str:
    return " | ".join(spec.choices) or spec.range_text or {"bool": "yes | no"}.get(spec.kind, "–")
