"""A Slack workspace and a Vobiz account on loopback, for a person in a browser and for tests.

Imported by nothing but the command line and the tests.
"""
