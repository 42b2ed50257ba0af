"""The benchmark: command to answer and to modal, beside a stock Bolt app and a bare ASGI floor."""
