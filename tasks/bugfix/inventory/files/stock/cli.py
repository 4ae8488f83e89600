"""The command line: see README."""
import sys

from . import money, orders
from .store import Store

USAGE = "usage: python3 -m stock FILE receive NAME COUNT PRICE | sell NAME COUNT ... | report"


def whole(text):
    return int(text)


def run(args):
    if len(args) < 2:
        raise orders.OrderError(USAGE)
    store, command, rest = Store(args[0]), args[1], args[2:]
    if command == "receive" and len(rest) == 3:
        orders.receive(store, rest[0], whole(rest[1]), money.parse(rest[2]))
        store.save()
    elif command == "sell" and rest:
        wanted = [(name, whole(count)) for name, count in zip(rest[::2], rest[1::2])]
        print(money.show(orders.sell(store, wanted)))
        store.save()
    elif command == "report" and not rest:
        for line in orders.report(store):
            print(line)
    else:
        raise orders.OrderError(USAGE)


def main():
    try:
        run(sys.argv[1:])
    except orders.OrderError as error:
        print(f"stock: {error}", file=sys.stderr)
        return 1
    return 0
