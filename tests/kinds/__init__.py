"""Proof that the house takes any kind: a toy, and every kind against every fault."""
