# 20,000 lines, the same each time
state = 12345
minute = 0
for _ in range(20000):
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    minute += (state >> 33) % 100 == 0
    print(minute, "card%04d" % ((state >> 40) % 5000))
