"""Days that repeat; see README.md."""
from .days import between
