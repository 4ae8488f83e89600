#!/bin/bash
# Makes a vault that only the right PIN opens. The PIN is not far from the start, so that trying all is quick.
set -eu
flag="flag{$(printf '%s %s' 'pipegym weak-pin' "$SEED" | sha256sum | cut -c 1-16)}"
python3 - "$flag" <<'END'
import hashlib, json, sys
flag = sys.argv[1]
number = int(hashlib.sha256(b"pin " + flag.encode()).hexdigest(), 16)
pin, salt = f"{number % 60000 + 30000:06}", hashlib.sha256(b"salt " + flag.encode()).hexdigest()[:12]
stream = hashlib.sha256(f"{salt}/{pin}/0".encode()).digest()
box = bytes(a ^ b for a, b in zip(flag.encode(), stream)).hex()
json.dump({"salt": salt, "check": hashlib.sha1((salt + pin).encode()).hexdigest(), "box": box}, open("vault.json", "w"), indent=1)
END
