"""The vectors, stated rule by rule: one module an area, each with a `vectors()` that yields them in order."""
