#!/bin/bash
# Starts the keeper; the flag is in its memory only.
set -eu
flag="flag{$(printf '%s %s' 'pipegym keeper' "$SEED" | sha256sum | cut -c 1-16)}"
python3 -B keeper.py > /dev/null 2>&1 <<< "$flag"
