"""What the kinds share that change a trunk which exists: which one, how it is, what else a change changed."""
