"""What is well with a deployment, what is not, and what to do about it. What it tries it takes back.

Imports kinds, slack, store, vobiz and below.
"""
