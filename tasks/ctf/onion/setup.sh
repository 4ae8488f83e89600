#!/bin/bash
# Wraps the flag: rot13, base64, rot13 again, with a line before it in hexadecimal digits, in base64.
set -eu
flag="flag{$(printf '%s %s' 'pipegym onion' "$SEED" | sha256sum | cut -c 1-16)}"
hex() { od -An -v -tx1 | tr -d ' \n'; }
rot13() { tr A-Za-z N-ZA-Mn-za-m; }
{ echo 'Well done so far. flag{0ddba11c0ffee123} was too easy, here is the rest:'; printf %s "$flag" | rot13 | base64 | rot13; } |
	hex | fold -w 60 | base64 -w 64 > message.txt
