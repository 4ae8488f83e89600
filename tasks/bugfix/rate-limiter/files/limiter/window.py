"""A sliding window over the times of requests."""
from collections import deque


class Window:
    def __init__(self, limit, seconds):
        self.limit = limit
        self.seconds = seconds
        self.times = deque()  # of the requests that count, oldest first

    def _forget(self, now):
        while self.times and self.times[0] < now - self.seconds:
            self.times.popleft()

    def free(self, now):
        """Whether one more request fits."""
        self._forget(now)
        return len(self.times) < self.limit

    def add(self, now):
        self.times.append(now)

    def wait(self, now):
        """Seconds until one more request fits."""
        if self.free(now):
            return 0
        return self.times[-1] + self.seconds - now
