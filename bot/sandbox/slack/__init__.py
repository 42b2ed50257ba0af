"""A Slack workspace on loopback: people, messages, views, the Web API, Socket Mode."""
