"""Socket Mode: Slack's requests over a websocket that the bot opens, instead of HTTP.

Imports server, slack and below.
"""
