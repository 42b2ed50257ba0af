"""The ledger: operations, events and their chain, in SQLite or Postgres. Imports domain and runtime."""
