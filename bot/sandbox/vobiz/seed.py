"""The account that a person finds in a fresh sandbox: enough to try both directions, and what is refused."""

from typing import Final

from bot.sandbox.vobiz.account import Account
from bot.sandbox.vobiz.numbers import SUB_ACCOUNT

FREE: Final = ("+14155550102", "+14155550103", "+14155550104")


def seed(account: Account) -> None:
    """Put a trunk that can be called into an empty account, spare records, and numbers of every kind."""
    reception = account.create("Reception", "inbound", 5)
    route = {"name": "Main PBX", "sip_uri": "sip:pbx.example.com:5060", "priority": 1}
    reception["primary_uri_uuid"] = account.add("origination-uris", route)["id"]
    account.add_number("+14155550101", reception)
    account.add("credentials", {"username": "spare1", "password": "a-spare-password"})
    account.add("ip-acl", {"name": "Office", "ip_address": "10.20.30.0/24"})
    for e164 in FREE:
        account.add_number(e164)
    account.add_number("+14155550105")["application_id"] = "20577609616603585"
    account.add_number("+14155550106").update({"is_blocked": True, "status": "blocked"})
    account.add_number("+14155550107")["is_trial_number"] = True
    account.add_number("+14155550108")["account_id"] = SUB_ACCOUNT
