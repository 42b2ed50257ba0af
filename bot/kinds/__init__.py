"""Kinds of change: a module or package each, with everything that is special about it.

Pure: imports commands, blockkit, domain, and the shapes of bot.vobiz.
"""
