"""A Slack workspace and a Vobiz account on loopback, for a person in a browser and for tests."""
