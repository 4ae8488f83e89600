"""The gate that requests go through."""
from .rules import parse_rules
from .window import Window


class Gate:
    def __init__(self, rules, clients={}):
        self.rules = parse_rules(rules)
        self.clients = clients  # name -> a window for each rule

    def _windows(self, client):
        if client not in self.clients:
            self.clients[client] = [Window(limit, seconds) for limit, seconds in self.rules]
        return self.clients[client]

    def allow(self, client, now):
        windows = self._windows(client)
        allowed = all(window.free(now) for window in windows)
        for window in windows:
            window.add(now)
        return allowed

    def wait(self, client, now):
        return max(window.wait(now) for window in self._windows(client))
