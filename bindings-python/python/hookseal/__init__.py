"""Checks that a webhook really comes from Benji, Benti (Inbenta) or Bento and reads it as one normalized event."""

from hookseal._native import __version__

__all__ = ["__version__"]
