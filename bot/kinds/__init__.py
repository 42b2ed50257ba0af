"""Kinds of change: a module or package each, with everything that is special about it.

What kinds of one family share lives in `trunks` (a trunk that exists), `attached` (what a trunk points to)
and `numbers`; `stages` says how a kind of several steps is composed.

Pure: imports commands, blockkit, domain, and the shapes of bot.vobiz.
"""
