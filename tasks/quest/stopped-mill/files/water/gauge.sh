#!/bin/bash
# Prints the highest level of each sluice: NAME LEVEL, in the order of the names.
set -eu
cd "$(dirname "$0")"
. ./gauge.conf
tail -n +2 "$levels" | sort -t , -k 2 | awk -F , '
	!($2 in high) || $3 > high[$2] { high[$2] = $3 }
	END { for (name in high) print name, high[name] }'
