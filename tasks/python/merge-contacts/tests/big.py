import random
r = random.Random(5)
n = 15000
print("name,email,phone")
order = list(range(n))
r.shuffle(order)
for i in order:
    print(f"N{i:06},{'p%d@x.example' % (i // 2)},{'+1555%07d' % ((i + 1) // 2)}")
for i in range(1000):
    print(f"M,m{i}@x.example,")
