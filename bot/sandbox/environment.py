"""The environment from which a bot reads that it lives in the sandbox; nothing of the deployer's is used."""

from collections.abc import Mapping
from pathlib import Path

from bot.sandbox.hosting import Host
from bot.sandbox.slack import people


def environment(host: Host, database: Path) -> Mapping[str, str]:
    """Return the bot's variables for a started sandbox, without those that keep their default."""
    way = (
        {"SLACK_APP_TOKEN": host.app_token}
        if host.app_token
        else {"SLACK_SIGNING_SECRET": host.signing_secret}
    )
    return {
        **way,
        "SLACK_BOT_TOKEN": host.bot_token,
        "SLACK_API_URL": host.slack_api_url,
        "VOBIZ_AUTH_ID": host.vobiz_auth_id,
        "VOBIZ_AUTH_TOKEN": host.vobiz_auth_token,
        "VOBIZ_API_URL": host.vobiz_api_url,
        "VOBIZ_TIMEOUT": "4",  # seconds; short, so that a hanging Vobiz can be watched without patience
        "VOBIZ_SETTLE": "15",
        "DATABASE_URL": f"sqlite:///{database}",
        "HOST": "127.0.0.1",
        "TRUNK_COMMAND": host.settings.command,
        # Asha by name, Omar through the on-call group: both ways in which TRUNK_OPERATORS names people.
        "TRUNK_OPERATORS": "U0ASHA001,S0ONCALL1",
        # Ria may ask, and the operators decide in a channel of their own.
        "TRUNK_REQUESTERS": "U0RIA0001",
        "TRUNK_APPROVAL_ABOVE": "100",
        "TRUNK_APPROVALS_CHANNEL": people.APPROVALS,
        "TRUNK_PROBE": "true",
        "TRUNK_PROBE_SANDBOX": host.sip.dns,
        "SSL_CERT_FILE": str(host.sip.trust),  # whose certificates count is for OpenSSL to know
    }
