"""Every text that people read in Slack, for any kind of change.

Pure: imports kinds, blockkit, commands, domain, and the shapes of bot.proof.
"""
