"""python3 -m stock"""
import sys

from .cli import main

sys.exit(main())
