"""The receiving systems, played: strict to their field tables. For practice (in this process) and tests (over HTTP)."""
