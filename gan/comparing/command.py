"""A design from the words of a command line, and the command line that repeats a design.

Maths layer, without torch.
"""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gan.comparing.design import Budget, ComparisonDesign, Factor
from gan.comparing.presets import PRESETS, get_preset
from gan.comparing.values import BOTH, factor_from, text_of
from gan.config import RunConfig
from gan.errors import ConfigError
from gan.fields import FIELDS, read_value, value_text
from gan.recipes import RECIPES, get_recipe

DEFAULT_SEEDS = (0, 1, 2)
DEFAULT_BUDGET = Budget(kind="steps", amount=2_000)


@dataclass(frozen=True)
class Wish:
    """What a command line asks for; what is None or () is left to the preset or to the defaults.

    Attributes:
        preset: a key of `PRESETS`.
        recipe: where to start from without a preset, a key of `RECIPES`.
        settings: `PATH=VALUE`, changes of the base.
        vary: `PATH=VALUES`, as `gan.comparing.values` reads them; replaces what a preset varies.
        seeds: how many, `3`, or which, `0,1,5`.
    """

    preset: str | None = None
    recipe: str | None = None
    settings: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    seeds: str | None = None
    budget: Budget | None = None
    quality_every: int | None = None
    goal: float | None = None
    name: str | None = None


def design_from(wish: Wish, base: RunConfig | None = None) -> ComparisonDesign:
    """Return the design that is asked for.

    Args:
        wish: the words.
        base: start from this configuration instead of a recipe's.

    Raises:
        ConfigError: a word is not understood, or the design is not legal.
    """
    preset = get_preset(wish.preset).make() if wish.preset else None
    if preset is not None:
        config = RunConfig.parse(preset.base)
    else:
        config = base or (get_recipe(wish.recipe).build() if wish.recipe else RunConfig())
    config = config.with_changes(dict(_setting(text) for text in wish.settings))
    factors = tuple(_factor(text) for text in wish.vary)
    raw: dict[str, Any] = {
        "name": wish.name or (preset.name if preset else _name(config, factors)),
        "preset": wish.preset or "",
        "base": config.model_dump(mode="json"),
        "factors": factors or (preset.factors if preset else ()),
        "seeds": seeds_from(wish.seeds) if wish.seeds else _of(preset, "seeds", DEFAULT_SEEDS),
        "budget": wish.budget or _of(preset, "budget", DEFAULT_BUDGET),
        "goal": wish.goal or _of(preset, "goal", None),
    }
    if not raw["factors"]:
        raise ConfigError("Nothing is varied: name a preset, or say --vary PATH=VALUE,VALUE.")
    raw["quality_every"] = wish.quality_every or _of(preset, "quality_every", 0)
    if not raw["quality_every"]:
        is_steps = raw["budget"].kind == "steps"
        raw["quality_every"] = max(1, round(raw["budget"].amount / 20)) if is_steps else 250
    return ComparisonDesign.parse(raw)


def seeds_from(text: str) -> tuple[int, ...]:
    """Return the seeds in a text: `3` is 0, 1 and 2; `0,1,5` and `7,` are these. ConfigError."""
    try:
        if "," in text:
            return tuple(int(part) for part in text.split(",") if part.strip())
        return tuple(range(int(text)))
    except ValueError:
        raise ConfigError(
            f"Seeds cannot be {text!r}: give how many, like 3, or which, like 0,1,5."
        ) from None


def repeat_command(design: ComparisonDesign) -> str:
    """Return the command line that makes the very same design again."""
    return shlex.join(["python", "-m", "gan", "compare", *repeat_words(design)])


def repeat_words(design: ComparisonDesign) -> list[str]:
    """Return the words of that command line behind `compare`.

    What words cannot say is given as the design itself, `--design JSON`.
    """
    wish = wish_for(design)
    try:
        if wish is not None and design_from(wish) == design:
            return _words(wish)
    except ConfigError:
        pass
    return ["--design", json.dumps(design.model_dump(mode="json"))]


def wish_for(design: ComparisonDesign) -> Wish | None:
    """Return what to ask for to have this design, as far as words can say it."""
    base = RunConfig.parse(design.base)
    preset = PRESETS.get(design.preset)
    like = preset.make() if preset else None
    recipe = None
    if like is not None:
        start = RunConfig.parse(like.base)
    else:
        recipe = base.recipe if base.recipe in RECIPES else None
        start = get_recipe(recipe).build() if recipe else RunConfig()
    vary: list[str] = []
    if like is None or like.factors != design.factors:
        for factor in design.factors:
            found = text_of(factor)
            if found is None:
                return None
            vary.append("=".join(found))
    return Wish(
        preset=design.preset or None,
        recipe=recipe,
        settings=_differences(start, base, always_data=like is not None),
        vary=tuple(vary),
        seeds=_seeds_text(design.seeds),
        budget=design.budget,
        quality_every=design.quality_every,
        goal=design.goal,
        name=design.name,
    )


def _differences(start: RunConfig, base: RunConfig, *, always_data: bool) -> tuple[str, ...]:
    """Return what to set in one configuration to have another.

    A preset's data set is always named: without it, it depends on what the machine has.
    """
    before, after = start.model_dump(mode="json"), base.model_dump(mode="json")
    texts = []
    for path in FIELDS:
        section, _, field = path.partition(".")
        value = after[section].get(field)
        if before[section].get(field) != value or (always_data and path == "data.dataset"):
            texts.append(f"{path}={value_text(value)}")
    return tuple(texts)


def _words(wish: Wish) -> list[str]:
    words = [wish.preset] if wish.preset else []
    words += ["--recipe", wish.recipe] if wish.recipe else []
    for text in wish.settings:
        words += ["--set", text]
    for text in wish.vary:
        is_both = text.startswith(f"{BOTH}.")
        words += ["--both", text.removeprefix(f"{BOTH}.")] if is_both else ["--vary", text]
    words += ["--seeds", wish.seeds] if wish.seeds else []
    if wish.budget:
        words += [f"--{wish.budget.kind}", value_text(wish.budget.amount)]
    words += ["--quality-every", str(wish.quality_every)] if wish.quality_every else []
    words += ["--goal", value_text(wish.goal)] if wish.goal else []
    return [*words, "--name", wish.name] if wish.name else words


def _seeds_text(seeds: Sequence[int]) -> str:
    if tuple(seeds) == tuple(range(len(seeds))):
        return str(len(seeds))
    return ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")


def _setting(text: str) -> tuple[str, Any]:
    path, has_value, value = text.partition("=")
    if not has_value or path not in FIELDS:
        raise ConfigError(f"{text!r} sets nothing: write PATH=VALUE, such as train.batch_size=64.")
    try:
        return path, read_value(FIELDS[path], value)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}.") from None


def _factor(text: str) -> Factor:
    path, has_values, values = text.partition("=")
    if not has_values:
        raise ConfigError(
            f"{text!r} varies nothing: write PATH=VALUES, such as loss.name=bce,lsgan."
        )
    return factor_from(path, values)


def _name(config: RunConfig, factors: tuple[Factor, ...]) -> str:
    what = " × ".join(factor.title for factor in factors)
    return f"{what} ({config.recipe})"[:80]


def _of(preset: ComparisonDesign | None, field: str, otherwise: Any) -> Any:
    return otherwise if preset is None else getattr(preset, field)
