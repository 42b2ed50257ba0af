"""Telling people: who, by which way, until they are told. Imports words, slack, store and below."""
