"""Slack listeners: one module an interaction, each with `register(app, services)`."""
