"""Judging what needs no answer: the configuration, the signing secret, whether the policy can work. Pure."""

from collections.abc import Mapping
from typing import Final

from bot.config.settings import Partial, Settings
from bot.doctor.probe_answers import Database, NoFile, Stored
from bot.domain.check import Check, Verdict, listed, not_checked, quoted
from bot.domain.policy import Members
from bot.kinds.registry import KINDS, Kinds
from bot.store.keys import Keys

POLICY: Final = "policy"
RECORD: Final = "record"
SECRET: Final = "signing secret"  # noqa: S105 - a check's name

Groups = Mapping[str, frozenset[str] | None]


def configuration_checks(known: Partial) -> tuple[Check, ...]:
    """Say that the configuration is complete, or everything that is wrong with it."""
    name = "configuration"
    wrong = [Check(name, Verdict.FAILURE, line, "See .env.example.") for line in known.problems]
    wrong += kinds_checks(known.settings)
    return tuple(wrong) or (Check(name, Verdict.OK, "complete"),)


def kinds_checks(settings: Settings, kinds: Kinds = KINDS) -> tuple[Check, ...]:
    """Say which kinds are named that this version does not know, if any are: the bot does not start then."""
    known = sorted(kind.name for kind in kinds)
    unknown = sorted(settings.trunk_approval_for - set(known))
    if not unknown:
        return ()
    found = f"this version knows no kind named {listed(quoted(name) for name in unknown)}"
    return (Check("TRUNK_APPROVAL_FOR", Verdict.FAILURE, found, f"Name some of: {listed(known)}."),)


def secret_check(known: Partial) -> Check:
    """Say whether there is a signing secret; whether it is the right one only Slack's next request shows."""
    if "slack_signing_secret" in known.wrong:
        return not_checked(SECRET)
    secrets = len(known.settings.signing_secrets)
    if known.settings.slack_app_token is not None or not secrets:
        there = "set" if secrets else "not set"
        return Check(SECRET, Verdict.OK, f"{there}, and not needed in Socket Mode, where nothing is signed")
    match secrets:
        case 1:
            return Check(SECRET, Verdict.OK, "set; the first request shows whether it is the right one")
        case _:
            return Check(SECRET, Verdict.OK, "two are set, as while it is rotated")


def record_check(known: Partial, database: Database) -> Check:
    """Say whether the record is sealed with a key, and whether it is the one that is set."""
    if "trunk_audit_key" in known.wrong or not isinstance(database, Stored | NoFile | None):
        return not_checked(RECORD)
    keys = Keys(known.settings.audit_keys)
    sealed = database.key if isinstance(database, Stored) else None
    if sealed is not None and not keys.know(sealed):
        has = "is not set" if keys.name is None else f"holds {keys.name}"
        found = f"sealed with the key {sealed}, and TRUNK_AUDIT_KEY {has}: the bot does not start"
        todo = "Set TRUNK_AUDIT_KEY to it; if it is lost, see `python -m bot audit rekey --help`."
        return Check(RECORD, Verdict.FAILURE, found, todo)
    if isinstance(database, Stored) and not database.guarded:
        found = "the database does not refuse to change events: its triggers are gone or switched off"
        todo = "Run `python -m bot audit verify`, find out who did it, and make them anew (docs/record.md)."
        return Check(RECORD, Verdict.WARNING, found, todo)
    match len(keys.ids):
        case 0:
            found = "not sealed: whoever may write to the database could forge all of it"
            todo = "Set TRUNK_AUDIT_KEY: `openssl rand -hex 32` makes one."
            return Check(RECORD, Verdict.WARNING, found, todo)
        case 1:
            return Check(RECORD, Verdict.OK, f"sealed with the key {keys.ids[0]}")
        case _:
            found = f"sealed with the key {keys.ids[0]}; {keys.ids[1]} is known too, as while it is rotated"
            return Check(RECORD, Verdict.OK, found)


def settings_naming(group: str, settings: Settings) -> str:
    """Name the variables in which a user group stands."""
    named = {"TRUNK_OPERATORS": settings.trunk_operators, "TRUNK_REQUESTERS": settings.trunk_requesters}
    return " and ".join(name for name, members in named.items() if group in members.groups)


def makes_no_difference(group: str, settings: Settings) -> bool:
    """Tell whether the members of a group may do what it lets them do anyway, as everyone may."""
    operators, requesters = settings.trunk_operators, settings.trunk_requesters
    return operators.everyone or (requesters.everyone and group not in operators.groups)


def policy_check(known: Partial, groups: Groups) -> Check:
    """Say who may do what, and whether the rules leave anybody to do it; `groups` are the members read."""
    needs = {"trunk_operators", "trunk_requesters", "trunk_approval_above", "trunk_max_calls"}
    if needs & known.wrong:
        return not_checked(POLICY)
    policy = known.settings.policy
    found = [f"operators: {_people(policy.operators, groups)}"]
    found.append(f"requesters: {_people(policy.requesters, groups)}")
    if policy.approval_above is not None:
        glass = "on" if policy.break_glass else "off"
        found.append(
            f"above {policy.approval_above} calls a second operator must approve (break glass is {glass})"
        )
    if policy.approval_for:
        found.append(f"a second operator must approve each {listed(sorted(policy.approval_for))}")
    found.append(f"at most {policy.max_calls} calls")
    verdict, todo = _consistent(known.settings, groups)
    return Check(POLICY, verdict, "; ".join(found), todo)


def _consistent(settings: Settings, groups: Groups) -> tuple[Verdict, str]:
    policy = settings.policy
    operators = _count(policy.operators, groups)
    if operators == 0 and policy.requesters != Members():
        return (
            Verdict.FAILURE,
            "Nobody can approve requests: name somebody in TRUNK_OPERATORS.",
        )
    if operators == 0:
        return Verdict.WARNING, "Nobody may create trunks: name somebody in TRUNK_OPERATORS."
    above = policy.approval_above
    reached = above is not None and above < policy.max_calls
    if operators == 1 and (reached or policy.approval_for):
        which = f" above {above} calls" if reached else ""
        who = f"Nobody can approve the requests of the only operator{which}"
        todo = f"{who}: name a second one in TRUNK_OPERATORS."
        return (Verdict.WARNING if policy.break_glass else Verdict.FAILURE), todo
    if above is not None and not reached:
        todo = "TRUNK_APPROVAL_ABOVE is never reached: set it below TRUNK_MAX_CALLS."
        return Verdict.WARNING, todo
    return Verdict.OK, ""


def _count(members: Members, groups: Groups) -> int | None:
    """Count people, each once; None when it is everyone, or not known because a group was not read."""
    read = [groups.get(group) for group in members.groups]
    if members.everyone or None in read:
        return None
    return len(members.users.union(*(users for users in read if users is not None)))


def _people(members: Members, groups: Groups) -> str:
    if members.everyone:
        return "everyone in the workspace"
    count = _count(members, groups)
    if count is None:
        return f"{len(members.users)} by name, and groups that were not read"
    return str(count) if count else "nobody"
