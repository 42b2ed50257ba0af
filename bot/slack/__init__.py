"""Slack from outside: the Web API, what it sends, its limits, and what must be sealed before it leaves.

Imports blockkit, runtime, config and domain.
"""
