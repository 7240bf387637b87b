"""The road from the gateway to the national systems: one more counter, named ``portal``, with its own key and log."""
