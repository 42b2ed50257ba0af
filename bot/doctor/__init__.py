"""What is well with a deployment, what is not, and what to do about it. Changes nothing.

Imports kinds, slack, store, vobiz and below.
"""
