"""Phone numbers and the trunk that they are routed to: how they are typed, offered, assigned and taken off.

A number is on one trunk or none, and moving it is two requests. May import what kinds may.
"""
