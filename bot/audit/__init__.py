"""The record for auditors: verify the chain, export the events. Imports store and below."""
