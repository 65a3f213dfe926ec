"""The vectors, stated rule by rule. Each area is a module with a `vectors()` that yields its vectors in order."""
