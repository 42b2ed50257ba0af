"""The checks that all Block Kit rules are made of, with objections in Slack's own words.

The wording is the one that people paste into public issues, for example
`[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]` (yonicd/slackreprex#3).
Lengths are counted in Unicode code points.
"""

from collections.abc import Collection, Mapping

from bot.sandbox.shape import Json, mapping

TEXTS = ("plain_text", "mrkdwn")
PLAIN = ("plain_text",)


class Findings:
    """What Slack would object to, in the order of the payload."""

    def __init__(self) -> None:
        """Start without any."""
        self.messages: list[str] = []

    def add(self, words: str, at: str) -> None:
        """Note one objection at a JSON pointer."""
        self.messages.append(f"[ERROR] {words} [json-pointer:{at}]")

    def missing(self, field: str, at: str) -> None:
        """Note that a required field is absent."""
        self.add(f"missing required field: {field}", at)


def keys(found: Findings, value: Mapping[str, object], allowed: Collection[str], at: str) -> None:
    """Object to fields that Slack does not know there."""
    for key in value:
        if key not in allowed:
            found.add(f"invalid additional property: {key}", at)


def length(found: Findings, value: object, at: str, most: int, least: int = 1) -> None:
    """Object to a string that is too long or too short, or to what is no string."""
    if not isinstance(value, str):
        found.add("must be a string", at)
    elif len(value) > most:
        found.add(f"must be less than {most + 1} characters", at)
    elif len(value) < least:
        found.add(f"must be more than {least - 1} characters", at)


def maximum(found: Findings, holder: Mapping[str, object], limits: Mapping[str, int], at: str) -> None:
    """Object to each named string field that is present and too long."""
    for field, most in limits.items():
        if field in holder:
            length(found, holder[field], f"{at}/{field}", most, least=0)


def count(found: Findings, value: object, at: str, most: int, least: int = 1) -> list[Json]:
    """Object to a list with too many or too few items, and return its objects."""
    if not isinstance(value, list):
        found.add("must be an array", at)
        return []
    if len(value) > most:
        found.add(f"no more than {most} items allowed", at)
    if len(value) < least:
        found.add(f"no fewer than {least} items allowed", at)
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            found.add("must be an object", f"{at}/{index}")
    return [mapping(item) for item in value]


def wording(found: Findings, value: object, at: str, most: int, kinds: Collection[str] = TEXTS) -> None:
    """Check a text object: its kind, its fields and its length (1 to `most`)."""
    if not isinstance(value, dict):
        found.add("must provide an object", at)
        return
    kind = value.get("type")
    if kind not in kinds:
        found.add(f"unsupported type: {kind}", f"{at}/type")
        return
    keys(found, value, {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}, at)
    length(found, value.get("text"), f"{at}/text", most)


def required_wording(found: Findings, holder: Mapping[str, object], field: str, at: str, most: int) -> None:
    """Check a plain text object that must be there."""
    if field in holder:
        wording(found, holder[field], f"{at}/{field}", most, PLAIN)
    else:
        found.missing(field, at)


def choice(
    found: Findings, holder: Mapping[str, object], field: str, at: str, allowed: Collection[str]
) -> None:
    """Object to a field that is present and has none of the allowed values."""
    if field in holder and holder[field] not in allowed:
        found.add("must be a valid enum value", f"{at}/{field}")


def flags(found: Findings, holder: Mapping[str, object], at: str, *fields: str) -> None:
    """Object to fields that are present and no booleans."""
    for field in fields:
        if field in holder and not isinstance(holder[field], bool):
            found.add("must be a boolean", f"{at}/{field}")
