#!/bin/bash
# Starts the shop; the flag is in its memory only.
set -eu
flag="flag{$(printf '%s %s' 'pipegym coupon' "$SEED" | sha256sum | cut -c 1-16)}"
python3 -B shop.py > /dev/null 2>&1 <<< "$flag"
