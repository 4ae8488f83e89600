"""What can be done with the stock."""
from . import money


class OrderError(Exception):
    pass


def receive(store, name, count, price):
    """Takes count pieces into stock. The price of all pieces becomes the mean, rounded to the nearest cent, halves up."""
    if count < 1:
        raise OrderError(f"bad count: {count}")
    item = store.get(name)
    total = item["count"] + count
    worth = item["count"] * item["price"] + count * price
    store.put(name, total, round(worth / total))


def sell(store, wanted):
    """Takes out all of wanted, a list of (name, count), or nothing. Returns what they are worth."""
    worth = 0
    for name, count in wanted:
        item = store.get(name)
        if item["count"] < count:
            raise OrderError(f"only {item['count']} of {name}")
        worth += count * item["price"]
        store.put(name, item["count"] - count, item["price"])
    return worth


def report(store):
    """A line for each item, sorted by name without regard to case, and the worth of all."""
    worth = 0
    for name in sorted(store.items):
        item = store.items[name]
        worth += item["count"] * item["price"]
        yield f"{name}\t{item['count']}\t{money.show(item['price'])}"
    yield f"all\t\t{money.show(worth)}"
