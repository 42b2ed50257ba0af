"""The faults that can be switched on, one a side, for all calls or for the next few."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.sandbox.shape import Json

NONE: Final = "none"
ALL: Final = frozenset({"*"})
CREATE: Final = frozenset({"create"})
CHANGE: Final = frozenset({"change"})
DELETE: Final = frozenset({"delete"})
ADD: Final = frozenset({"add login", "add address", "add route"})
ALTER: Final = frozenset({"alter login", "alter address", "alter route"})
REMOVE: Final = frozenset({"remove login", "remove address", "remove route"})
ASSIGN: Final = frozenset({"assign"})
UNASSIGN: Final = frozenset({"unassign"})
WRITE: Final = CREATE | CHANGE | DELETE | ADD | ALTER | REMOVE | ASSIGN | UNASSIGN
POST: Final = frozenset({"chat.postMessage"})
CALLS: Final = frozenset({"cdr"})
READ: Final = frozenset({"read", "list"}) | CALLS
LISTS: Final = frozenset({"list"})
UPDATE: Final = frozenset({"chat.update"})
OPEN: Final = frozenset({"views.open"})
GROUPS: Final = frozenset({"usergroups.list", "usergroups.users.list"})
RESPOND: Final = frozenset({"response_url"})
NO_TABLES: Final = "no_tables"
ONE_A_SECOND: Final = "one_a_second"
ARRIVES: Final = "arrives"
DONE: Final = "done"
POSTED: Final = "posted"
DATABASE_AWAY: Final = "database_away"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong; `calls` are the calls that it hits."""

    id: str
    label: str
    about: str
    calls: frozenset[str]

    def json(self) -> Json:
        """Return what the page shows."""
        return {"id": self.id, "label": self.label, "about": self.about}


VOBIZ: Final = (
    Fault(NONE, "Works", "Vobiz answers as documented", frozenset()),
    Fault("refuse", "Refuses (422)", "Writes are refused as invalid; nothing is changed", WRITE),
    Fault("no_balance", "No balance (402)", "Writes are refused: there is no money", WRITE),
    Fault("bad_token", "Token expired (401)", "Every call is refused, reads too", ALL),
    Fault("rate_limited", "Too many requests (429)", "Writes are refused with Retry-After", WRITE),
    Fault("slow", "Slow", "It is done at once, the answer comes late", WRITE),
    Fault("error_before", "500, nothing done", "The write fails inside before anything happened", WRITE),
    Fault("created_then_500", "Done, then 500", "It is done, the answer says that it failed", WRITE),
    Fault("created_then_reset", "Done, then reset", "It is done, the connection breaks", WRITE),
    Fault("created_late", "Done late, no answer", "Never answers; it is done seconds later", WRITE),
    Fault("hang", "Never answers", "Takes the write and never answers; nothing is changed", WRITE),
    Fault("garbage", "HTML instead of JSON", "It is done, the 200 carries a web page", WRITE),
    Fault("empty_2xx", "Empty success", "It is done, the 2xx has no body", WRITE),
    Fault("other_direction", "Other direction", "The trunk is created with the direction both", CREATE),
    Fault(
        "domain_later",
        "SIP domain later",
        "The 201 has no SIP domain; the trunk has one a second later",
        CREATE,
    ),
    Fault(
        "refused_200",
        "Refuses with 200",
        "What would be new is refused in a 200 that says success: false",
        CREATE | ADD,
    ),
    Fault(
        "renamed",
        "Created in another spelling, then 500",
        "The name comes back in small letters, squeezed, and cut at 100 characters",
        CREATE,
    ),
    Fault(
        "no_zone", "Created, odd date, then 500", "The trunk is dated in Indian time, without a zone", CREATE
    ),
    Fault(
        "list_lags",
        "Done, then 500, listed late",
        "The lists have it seconds later",
        CREATE | ADD | ASSIGN,
    ),
    Fault(
        "lists_behind",
        "Lists lag behind",
        "It is done and confirmed; for seconds the lists show what was before",
        WRITE,
    ),
    Fault(
        "sent_twice",
        "Sent twice, the second refused",
        "Something on the way repeats the request: the first did it, the second is refused",
        CREATE | ADD | REMOVE | ASSIGN | UNASSIGN,
    ),
    Fault("doubled", "Sent twice, made two", "Both made one, and the connection breaks", CREATE | ADD),
    Fault("put_replaces", "PUT replaces", "What a PUT does not name is as on a new trunk", CHANGE),
    Fault("put_ignores", "PUT ignores", "A PUT takes name, limit and status; nothing else", CHANGE),
    Fault("null_ignored", "Null detaches nothing", "A PUT that empties a field changes nothing", CHANGE),
    Fault(
        "busy",
        "Busy (409)",
        "What carries calls, a trunk or its login, cannot be deleted; nothing is deleted",
        DELETE | {"remove login"},
    ),
    Fault("keeps_attached", "Delete keeps the rest", "What a deleted trunk pointed to stays", DELETE),
    Fault(
        "still_named",
        "Deleted, still attached",
        "A record is deleted, and the trunks still point to it",
        REMOVE,
    ),
    Fault(
        "soft_delete",
        "Deletes softly",
        "A delete is confirmed, and what was deleted is still there",
        DELETE | REMOVE | UNASSIGN,
    ),
    Fault("reads_fail", "Reads fail (503)", "Writing works, looking does not", READ),
    Fault("lists_fail", "Lists fail (503)", "Of the lists only that of the trunks can be read", LISTS),
    Fault(
        "records_fail", "Call records fail (503)", "Calls are carried; their records cannot be read", CALLS
    ),
    Fault("inactive", "Account inactive", "auth/me says that the account is not active", READ),
    Fault("unreachable", "Unreachable", "Nothing listens: connecting is refused", ALL),
)

SLACK: Final = (
    Fault(NONE, "Works", "Slack answers as documented", frozenset()),
    Fault("views_open_slow", "Modals open late", "views.open takes seconds", OPEN),
    Fault("views_open_error", "Modals do not open", "views.open answers internal_error", OPEN),
    Fault("views_open_limited", "Opening too fast (429)", "views.open answers 429 with Retry-After", OPEN),
    Fault(
        "post_not_in_channel",
        "Bot not in channel",
        "chat.postMessage is refused in channels, not in DMs",
        POST,
    ),
    Fault(
        "approvals_channel_error",
        "Approvals channel fails",
        "chat.postMessage to #trunk-approvals answers internal_error; elsewhere it works",
        POST,
    ),
    Fault("post_error", "Posting fails (500)", "chat.postMessage answers 500; nothing is posted", POST),
    Fault(
        "post_rate_limited", "Posting too fast (429)", "chat.postMessage answers 429 with Retry-After", POST
    ),
    Fault("update_error", "Updating fails (500)", "chat.update answers 500; the message stays", UPDATE),
    Fault(
        ONE_A_SECOND,
        "One message a second",
        "A channel takes no bursts: what comes sooner is answered 429",
        POST,
    ),
    Fault("post_reset_after", "Posted, then reset", "The message is there, the connection breaks", POST),
    Fault(
        NO_TABLES,
        "No tables",
        "As in an older Slack, data_table blocks are refused: what is shown is a list",
        RESPOND | {"views.publish"},
    ),
    Fault("response_url_dead", "response_url dead", "Every response URL has expired", RESPOND),
    Fault(
        "response_url_limited",
        "response_url too fast (429)",
        "Response URLs answer 429 with Retry-After",
        RESPOND,
    ),
    Fault(
        "missing_scope",
        "Scope not granted",
        "usergroups:read is not granted, as before a reinstall",
        GROUPS | {"auth.test"},
    ),
    Fault("group_gone", "User group deleted", "Slack knows no user group any more", GROUPS),
    Fault("group_disabled", "User group disabled", "@voice-oncall is disabled, with its members", GROUPS),
    Fault("groups_error", "User groups fail", "Slack answers fatal_error when asked for user groups", GROUPS),
    Fault(
        "member_left",
        "Omar has left",
        "Omar was deactivated: he is in no user group, and nothing reaches him",
        GROUPS | POST,
    ),
    Fault(
        "organisation",
        "Enterprise Grid",
        "Asha's and Zoe's workspaces are of one organisation; the bot learns it when it starts",
        frozenset({"auth.test"}),
    ),
    Fault(
        "tier_limits",
        "Slack's limits a minute",
        "More calls of a method than its tier takes are answered 429, as in life",
        ALL,
    ),
    Fault("token_revoked", "Bot token revoked", "Calls with the bot token answer token_revoked", ALL),
    Fault("clock_ahead", "Slack's clock ahead", "The Date of every answer is 280 s ahead", ALL),
    Fault("non_json", "HTML instead of JSON", "Every Web API call answers a web page; nothing happens", ALL),
)

SIP: Final = (
    Fault(NONE, "Works", "Names lead to a server that answers", frozenset()),
    Fault("silent", "Silent", "The server takes SIP messages and answers none", ALL),
    Fault("forbidden", "Answers 403", "The server answers every message with 403 Forbidden", ALL),
    Fault("unwell", "Answers 503", "The server answers every message with 503 Service Unavailable", ALL),
    Fault("lost", "First datagram lost", "Over UDP the first datagram of each request is lost", ALL),
    Fault("not_sip", "Not SIP", "What answers speaks HTTP", ALL),
    Fault("other_name", "Certificate of another", "The certificate is for another name", ALL),
    Fault("ended", "Certificate ended", "The certificate ended yesterday", ALL),
    Fault("untrusted", "Certificate unknown", "Nobody who is trusted vouches for the certificate", ALL),
    Fault("closed", "Nothing listens", "The SIP domains lead to a port on which nothing listens", ALL),
    Fault("no_name", "No such name", "DNS knows none of the SIP domains", ALL),
    Fault("no_address", "No server in DNS", "The SIP domains exist, and no server is named", ALL),
    Fault("private", "Private address", "The SIP domains lead to 10.0.0.1", ALL),
    Fault("dns_silent", "DNS silent", "DNS does not answer", ALL),
)

# The first four happen once, to every connection there is; the others last until they are switched off.
SOCKET: Final = (
    Fault(NONE, "Works", "Connections are kept", frozenset()),
    Fault("warning", "Renew (warning)", "Slack announces that it closes the connection soon", frozenset()),
    Fault("refresh_requested", "Renew (refresh)", "Slack asks for another connection", frozenset()),
    Fault("abort", "Cut", "The connection breaks with a TCP reset", frozenset()),
    Fault("silent", "Fall silent", "The connection stays, and carries nothing any more", frozenset()),
    Fault(
        "link_disabled",
        "Switched off",
        "Socket Mode is switched off for the app; the bot looks again once a minute",
        frozenset(),
    ),
    Fault("too_many_websockets", "Too many", "Ten other connections of the app are open", frozenset()),
    Fault(
        "open_refused", "Refuses (error)", "apps.connections.open answers internal_error", frozenset({"open"})
    ),
    Fault("duplicate", "Sends twice", "Every envelope arrives twice", frozenset({"envelope"})),
)

# Each happens once, but for the last, which lasts. The calls are moments of a request's life
# (bot.sandbox.moments).
BOT: Final = (
    Fault(NONE, "Lives", "Nobody kills it", frozenset()),
    Fault(
        "kill_at_write",
        "Kill when a write arrives",
        "kill -9 as the POST arrives; Vobiz does nothing; the bot is started again",
        frozenset({ARRIVES}),
    ),
    Fault(
        "kill_after_write",
        "Kill before the answer",
        "kill -9 when Vobiz has carried out the POST and not yet answered; the bot is started again",
        frozenset({DONE}),
    ),
    Fault(
        "kill_after_post",
        "Kill when a message is posted",
        "kill -9 when Slack shows the message and has not yet answered; the bot is started again",
        frozenset({POSTED}),
    ),
    Fault(
        DATABASE_AWAY,
        "Database away",
        "The bot's database is locked by another: nothing can be stored until this is switched off",
        frozenset(),
    ),
)


class FaultSwitch:
    """Which fault of a side is on."""

    def __init__(self, catalogue: tuple[Fault, ...], changed: Callable[[], None]) -> None:
        """Start with everything working."""
        self._known = {fault.id: fault for fault in catalogue}
        self._changed = changed
        self._left: int | None = None
        self._spared = 0
        self.current: str = NONE

    def set(self, fault: str, times: int | None = None, after: int = 0) -> None:
        """Switch to a fault for all calls, or for the next `times` that it hits; raises LookupError.

        The first `after` calls that it would hit are spared.
        """
        if fault not in self._known:
            message = f"there is no fault {fault!r}, only {sorted(self._known)}"
            raise LookupError(message)
        self.current, self._left, self._spared = fault, times, after
        self._changed()

    def hit(self, call: str) -> str:
        """Return the fault that hits this call, or `none`; counts it."""
        fault = self._known[self.current]
        if call not in fault.calls and fault.calls != ALL:
            return NONE
        if self._spared > 0:
            self._spared -= 1
            return NONE
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self.set(NONE)
        return fault.id

    def json(self) -> list[Json]:
        """Return the catalogue as the page shows it."""
        return [fault.json() for fault in self._known.values()]
