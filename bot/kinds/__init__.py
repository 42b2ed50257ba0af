"""Kinds of change: one module each, with everything that is special about it.

Pure: imports commands, blockkit, domain, and the shapes of bot.vobiz.
"""
