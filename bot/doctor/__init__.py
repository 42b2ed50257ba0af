"""Examining a deployment: what is well, what is not, and what to do about it. Changes nothing."""
