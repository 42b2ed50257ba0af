"""The Vobiz REST API: sending requests (client) and reading answers (outcome, models)."""
