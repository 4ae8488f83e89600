"""Keeps what is in stock, in a JSON file."""
import json
import os


EMPTY = {"count": 0, "price": 0}


class Store:
    def __init__(self, path):
        self.path = path
        self.items = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.items = json.load(file)

    def get(self, name):
        return self.items.get(name, EMPTY)

    def put(self, name, count, price):
        item = self.get(name)
        item["count"], item["price"] = count, price
        self.items[name] = item

    def save(self):
        """Writes the file; whoever reads it meanwhile sees the old one or the new one."""
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(self.items, file, ensure_ascii=False, sort_keys=True)
