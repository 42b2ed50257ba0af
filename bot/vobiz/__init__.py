"""Vobiz from outside: sending (client, transport), what may be sent (writes), reading answers (the rest).

Imports runtime and domain.
"""
