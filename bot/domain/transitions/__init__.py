"""How an operation moves: pure functions from the record as it is stored now to the move that follows.

Each returns None where the record does not allow it (any more). The store reads the record, asks one of
these, and writes the move on the condition that nobody wrote in between; else it reads and asks again. So of
two who want to move an operation one wins, and the other finds it moved. `now` is in milliseconds.
"""
