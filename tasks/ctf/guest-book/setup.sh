#!/bin/bash
# Starts a guest book; the flag is in its memory only.
set -eu
flag="flag{$(printf '%s %s' 'pipegym guest-book' "$SEED" | sha256sum | cut -c 1-16)}"
cat > /tmp/guestbook.py <<'END'
"""A guest book on http://127.0.0.1:8000/"""
import base64
import binascii
import ctypes
import os
import socket
import sys

ctypes.CDLL(None).prctl(4, 0)  # nobody may look into the memory of this process
FLAG = sys.stdin.readline().strip()
SOURCE = open(__file__).read()
ENTRIES = ["Lovely place, we will come again. -- Ida", "The soup was cold. -- Bo", "Where is the light switch in room 4? -- Cleo"]


def seal(text):
    """A checksum, so that nobody can change a cookie."""
    return "%08x" % binascii.crc32(("guestbook:" + text).encode())


def make_cookie(user):
    text = base64.b64encode(("user=" + user).encode()).decode()
    return text + "." + seal(text)


def user_of(cookie):
    text, _, sum = cookie.partition(".")
    if not text or sum != seal(text):
        return None
    return base64.b64decode(text).decode().partition("=")[2]


def answer(path, cookies):
    user = user_of(cookies.get("session", ""))
    if path == "/":
        return 200, "Guest book\n\n" + "\n".join(ENTRIES) + "\n\nYou are %s. The manager signs in at /office.\n" % (user or "guest")
    if path == "/robots.txt":
        return 200, "User-agent: *\nDisallow: /office\nDisallow: /old/\n"
    if path in ("/old", "/old/"):
        return 200, "Files: guestbook.py.bak\n"
    if path == "/old/guestbook.py.bak":
        return 200, SOURCE
    if path == "/office":
        if user != "manager":
            return 403, "Only the manager may come in here. You are %s.\n" % (user or "guest")
        return 200, "Good morning, manager. The safe: %s\n" % FLAG
    return 404, "There is no such page.\n"


def serve(connection):
    connection.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data and b"\n\n" not in data:
        more = connection.recv(4096)
        if not more or len(data) > 65536:
            return
        data += more
    lines = data.decode("latin-1").splitlines()
    cookies = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "cookie":
            for pair in value.split(";"):
                key, _, content = pair.strip().partition("=")
                cookies[key] = content
    words = lines[0].split()
    status, text = answer(words[1].partition("?")[0], cookies) if len(words) > 1 and words[0] == "GET" else (405, "GET only.\n")
    body = text.encode()
    head = "HTTP/1.0 %d -\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n" % (status, len(body))
    if "session" not in cookies:
        head += "Set-Cookie: session=%s\r\n" % make_cookie("guest")
    connection.sendall((head + "\r\n").encode() + body)


listener = socket.create_server(("127.0.0.1", 8000))
if os.fork():
    os._exit(0)
os.setsid()
while True:
    connection, _ = listener.accept()
    with connection:
        try:
            serve(connection)
        except Exception:
            pass
END
python3 -B /tmp/guestbook.py > /dev/null 2>&1 <<< "$flag"
rm /tmp/guestbook.py
