"""Limits the rate of requests; see README."""
from .gate import Gate

__all__ = ["Gate"]
