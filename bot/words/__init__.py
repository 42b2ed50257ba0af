"""Every text that people read in Slack. Pure: imports blockkit, kinds, commands and domain."""
