"""Options made from the fields of a configuration, so that no default exists twice.

Door, without torch.
"""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gan.cli.parser import Parser
from gan.config import RunConfig
from gan.errors import ConfigError
from gan.fields import FIELDS, FieldSpec, get_value, read_value, value_text
from gan.recipes import get_recipe
from gan.runs.commands import LIVE_FIELDS


def add_config_options(parser: Parser) -> None:
    """Add the recipe, `--config`, and an option for every field of a configuration."""
    parser.usage = f"{parser.prog} [RECIPE | --config FILE] [OPTION …]"  # else twenty lines
    parser.add_argument(
        "recipe", metavar="RECIPE", nargs="?", help="where to start from: see the command recipes"
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="start from a configuration in JSON instead, such as a run's config.json",
    )
    groups: dict[str, list[FieldSpec]] = {}
    for spec in FIELDS.values():
        groups.setdefault(spec.group, []).append(spec)
    for title, specs in groups.items():
        group = parser.add_argument_group(
            title, "Defaults are the configuration's; a recipe may set others."
        )
        for spec in specs:
            _add_field(group, spec, dest=spec.path)


def add_live_options(parser: Parser) -> None:
    """Add an option for every value that may change while a run trains."""
    group = parser.add_argument_group("What may change", "Left out, a value stays as it was.")
    for name, spec in LIVE_FIELDS.items():
        _add_field(group, spec, dest=f"live.{name}")


def config_from(args: argparse.Namespace) -> RunConfig:
    """Return the recipe or file that was named, with the options applied. Raises ConfigError."""
    return start_config(args).with_changes(changes_from(args, FIELDS))


def start_config(args: argparse.Namespace) -> RunConfig:
    """Return the recipe or the file that was named. Raises ConfigError."""
    if (args.recipe is None) == (args.config is None):
        raise ConfigError("Name either a recipe or, with --config, a file.")
    if args.recipe is not None:
        return get_recipe(args.recipe).build()
    try:
        return RunConfig.from_json(args.config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{args.config} cannot be read ({error}).") from None


def changes_from(args: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of those options that were given."""
    given = vars(args)
    return {name: given[name] for name in names if name in given}


def live_changes_from(args: argparse.Namespace) -> dict[str, Any]:
    """Return the live values that were given, by the names of the `set` command."""
    changes = changes_from(args, (f"live.{name}" for name in LIVE_FIELDS))
    return {path.removeprefix("live."): value for path, value in changes.items()}


def as_words(config: RunConfig) -> dict[str, list[str]]:
    """Return a configuration as the options that would make it, by group."""
    words: dict[str, list[str]] = {}
    for spec in FIELDS.values():
        value = get_value(config, spec.path)
        if value is not None or spec.applies_to(config):
            words.setdefault(spec.group, []).append(_as_word(spec, value))
    return words


def _as_word(spec: FieldSpec, value: Any) -> str:
    if spec.kind == "bool":
        return spec.flag if value else f"--no-{spec.flag.removeprefix('--')}"
    return f"{spec.flag} {value_text(value)}"


def _add_field(group: argparse._ArgumentGroup, spec: FieldSpec, dest: str) -> None:
    settings: dict[str, Any] = {
        "dest": dest,
        "default": argparse.SUPPRESS,
        "help": _help(spec).replace("%", "%%"),
    }
    if spec.kind == "bool":
        settings["action"] = argparse.BooleanOptionalAction
    else:
        settings["type"] = _reader(spec)
        settings["metavar"] = "|".join(spec.choices) or _METAVARS[spec.kind]
    group.add_argument(spec.flag, **settings)


def _help(spec: FieldSpec) -> str:
    own = spec.path.startswith(("g_opt.", "d_opt.")) and spec.default is None
    facts = ["default by optimiser" if own else f"default {value_text(spec.default)}"]
    if spec.when:
        facts.insert(0, f"with {FIELDS[spec.when[0]].flag} {'|'.join(map(str, spec.when[1]))}")
    if spec.range_text:
        facts.insert(0, f"{spec.range_text} {spec.unit}".rstrip())
    return f"{spec.help_text} ({'; '.join(facts)})"


def _reader(spec: FieldSpec) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            value = read_value(spec, text)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        # A worker, or a later resume, may have another current folder.
        is_path = spec.path == "data.folder" and value is not None
        return str(Path(value).expanduser().absolute()) if is_path else value

    return read


_METAVARS = {"int": "N", "float": "X", "text": "TEXT", "widths": "N,N,…"}
