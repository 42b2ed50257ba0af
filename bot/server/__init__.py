"""HTTP: the front door, signatures, dispatch, health. Imports words, slack, runtime and below."""
