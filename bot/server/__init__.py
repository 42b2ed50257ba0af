"""HTTP: the front door, signatures, dispatch, health. Imports runtime, slack and words."""
