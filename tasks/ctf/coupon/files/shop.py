"""A shop on TCP port 7000 of 127.0.0.1. One request a line, one answer a line:

NEW              opens an account with 10 coins and a welcome coupon; the answer is its number
BALANCE NUMBER   says how many coins the account has
REDEEM NUMBER    turns the account's coupon into 10 coins; a coupon is good for once
BUY NUMBER       buys the flag, which costs 50 coins
"""
import ctypes
import os
import socket
import sys
import threading
import time

accounts = []


def bank(message):
    """Tells the bank. That takes a moment."""
    time.sleep(0.15)


def answer(line, flag):
    word, _, number = line.partition(" ")
    if word == "NEW":
        if len(accounts) >= 500:
            return "no more accounts"
        accounts.append({"coins": 10, "coupon": True})
        return str(len(accounts) - 1)
    if not number.isascii() or not number.isdigit() or int(number) >= len(accounts):
        return "no such account"
    account = accounts[int(number)]
    if word == "BALANCE":
        return str(account["coins"])
    if word == "REDEEM":
        if not account["coupon"]:
            return "the coupon is used up"
        bank("10 coins for " + number)
        account["coupon"] = False
        account["coins"] += 10
        return "10 coins more"
    if word == "BUY":
        if account["coins"] < 50:
            return "not enough coins"
        account["coins"] -= 50
        return flag
    return "what?"


def serve(connection, flag):
    try:
        with connection, connection.makefile(encoding="utf-8") as lines:
            for line in lines:
                connection.sendall((answer(line.strip(), flag) + "\n").encode())
    except (OSError, ValueError):
        pass


def main():
    ctypes.CDLL(None).prctl(4, 0)  # nobody may look into the memory of this process
    flag = sys.stdin.readline().strip()
    listener = socket.create_server(("127.0.0.1", 7000), backlog=64)
    if os.fork():
        os._exit(0)
    os.setsid()
    while True:
        connection, _ = listener.accept()
        if threading.active_count() > 60:
            connection.close()
            continue
        threading.Thread(target=serve, args=(connection, flag), daemon=True).start()


main()
