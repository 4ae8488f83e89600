"""How busy is the pool? python3 slow.py FILE

Each line of FILE is "MINUTE CARD": the minute (a whole number, never less than that of the line before) in which a card
was shown at the door. For each line the program looks at all cards that were shown in the last SPAN minutes. It prints
the busiest moments and, for each card, how often it came.
"""
import sys

SPAN = 30

lines = []
for line in open(sys.argv[1]):
    minute, card = line.split()
    lines.append((int(minute), card))

# How many different cards were shown in the SPAN minutes that end with this line?
crowd = []
for i in range(len(lines)):
    inside = []
    for j in range(i + 1):
        if lines[j][0] > lines[i][0] - SPAN:
            if lines[j][1] not in inside:
                inside.append(lines[j][1])
    crowd.append(len(inside))

# The five busiest lines; of equals, those that come first.
left = list(range(len(lines)))
for rank in range(5):
    if left:
        best = left[0]
        for i in left:
            if crowd[i] > crowd[best]:
                best = i
        left.remove(best)
        print("busy", lines[best][0], crowd[best])

# Visits: a card that is shown again less than SPAN minutes after it was last shown is still on the same visit.
cards = []
for minute, card in lines:
    if card not in cards:
        cards.append(card)
for card in sorted(cards):
    visits = 0
    last = None
    for minute, name in lines:
        if name == card:
            if last is None or minute - last >= SPAN:
                visits = visits + 1
            last = minute
    print("card", card, visits)
