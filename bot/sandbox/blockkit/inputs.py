"""Slack's limits for what is typed: texts and numbers.

Sources: docs.slack.dev/reference/block-kit/block-elements and slack_sdk/models (3.47).
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.sandbox.blockkit.checks import Findings, length

TYPED_MAX: Final = 3000  # characters of a plain_text_input


def plain_text_input(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check a text input."""
    limits: dict[str, int] = {}
    for field, least in (("min_length", 0), ("max_length", 1)):
        limit = value.get(field)
        if field not in value:
            continue
        if not isinstance(limit, int) or isinstance(limit, bool) or not least <= limit <= TYPED_MAX:
            found.add(f"must be an integer between {least} and {TYPED_MAX}", f"{at}/{field}")
        else:
            limits[field] = limit
    if limits.get("min_length", 0) > limits.get("max_length", TYPED_MAX):
        found.add("min_length must not exceed max_length", f"{at}/min_length")
    if "initial_value" in value:
        length(
            found, value["initial_value"], f"{at}/initial_value", limits.get("max_length", TYPED_MAX), least=0
        )


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def number_input(found: Findings, value: Mapping[str, object], at: str) -> None:
    """Check a number input."""
    if "is_decimal_allowed" not in value:
        found.missing("is_decimal_allowed", at)
    numbers: dict[str, Decimal] = {}
    for field in ("min_value", "max_value", "initial_value"):
        if field not in value:
            continue
        number = _number(value[field])
        if number is None:
            found.add("must be a string that holds a number", f"{at}/{field}")
        else:
            numbers[field] = number
            if value.get("is_decimal_allowed") is False and number != number.to_integral_value():
                found.add("decimal numbers are not allowed", f"{at}/{field}")
    least, most = numbers.get("min_value"), numbers.get("max_value")
    if least is not None and most is not None and least > most:
        found.add("min_value must not exceed max_value", f"{at}/min_value")
    initial = numbers.get("initial_value")
    if initial is not None and (
        (least is not None and initial < least) or (most is not None and initial > most)
    ):
        found.add("initial_value must be between min_value and max_value", f"{at}/initial_value")
