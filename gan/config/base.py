"""What all sections of a configuration share: strict, frozen, and each field with its text.

Vocabulary layer, for the modules of `gan.config` only.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Width = Annotated[int, Field(ge=1, le=8192)]


class Section(BaseModel):
    """One concern of a run's configuration."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )
    title: ClassVar[str]


def setting(
    default: Any,
    title: str,
    help_text: str,
    *,
    unit: str = "",
    level: Literal["basic", "advanced"] = "advanced",
    live: bool = False,
    when: tuple[str, tuple[Any, ...]] | None = None,
    **rules: Any,
) -> Any:
    """Return a pydantic field that carries what the form and the command line need.

    Args:
        default: its value when nobody says otherwise.
        title: how it is called beside its value.
        help_text: one or two sentences that a student understands.
        unit: of the value, '' for a bare number.
        level: whether the form shows it at once.
        live: whether it may change while a run trains.
        when: (sibling, values): it has a meaning only while that sibling has one of the values.
        rules: pydantic's, such as `ge` and `le`.
    """
    extra: dict[str, Any] = {"unit": unit, "level": level, "live": live, "when": when}
    return Field(default, title=title, description=help_text, json_schema_extra=extra, **rules)
