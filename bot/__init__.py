"""A Slack bot that creates Vobiz SIP trunks: one confirmation, at most one trunk."""
