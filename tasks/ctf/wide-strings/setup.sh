#!/bin/bash
# Makes a memory image with old flags in 8-bit and the right one in 16-bit characters.
set -eu
flag="flag{$(printf '%s %s' 'pipegym wide-strings' "$SEED" | sha256sum | cut -c 1-16)}"
python3 - "$flag" <<'END'
import hashlib, sys
flag = sys.argv[1]

def noise(n, name):
    out = bytearray()
    while len(out) < n:
        name = hashlib.sha256(name).digest()
        out += name
    return bytes(out[:n])

def old(n):
    return ("flag{" + hashlib.sha256(b"old %d %s" % (n, flag.encode())).hexdigest()[:16] + "}").encode()

image = b""
for n, part in enumerate([b"boot 1.4", old(1), b"console=ttyS0", old(2), "region EU".encode("utf-16-le"), "key of the shop: ".encode("utf-16-le") + flag.encode("utf-16-le"), old(3), b"/etc/wifi.conf", old(4), b"end of image"]):
    image += noise(3000 + 517 * n, part + flag.encode()) + b"\0\0" + part + b"\0\0"
open("firmware.bin", "wb").write(image)
END
