"""Three examples of what free_slots() returns. Run me: python3 example.py"""
from slots import free_slots

# A meeting in the middle of the day.
busy = [["09:30", "10:15"]]
assert free_slots(busy, "09:00", "12:00", 30) == [["09:00", "09:30"], ["10:15", "12:00"]]

# Unsorted and overlapping; ten minutes are too short for a slot of fifteen.
busy = [["13:00", "14:00"], ["09:10", "10:00"], ["13:30", "15:00"]]
assert free_slots(busy, "09:00", "17:00", 15) == [["10:00", "13:00"], ["15:00", "17:00"]]

# Not a time of day.
try:
    free_slots([["9:75", "10:00"]], "09:00", "17:00", 15)
except ValueError:
    print("all examples hold")
else:
    raise AssertionError("9:75 was accepted")
