"""What people type, read into commands or problems. Pure; imports domain only.

The verbs that begin an operation are given from outside: what follows them is for their kind to read.
"""
