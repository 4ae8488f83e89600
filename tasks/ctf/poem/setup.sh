#!/bin/bash
# Puts a character of the flag behind each line of a poem: eight bits, blank for 0 and tab for 1.
set -eu
flag="flag{$(printf '%s %s' 'pipegym poem' "$SEED" | sha256sum | cut -c 1-16)}"
i=0
while IFS= read -r line; do
	printf -v code %d "'${flag:i:1}"
	bits=
	for bit in 128 64 32 16 8 4 2 1; do
		if ((code & bit)); then bits+=$'\t'; else bits+=' '; fi
	done
	printf '%s%s\n' "$line" "$bits"
	i=$((i + 1))
done > poem.txt <<'END'
The tide comes in, the tide goes out,
Hauling its silver nets about.
Each stone it finds, it turns to see
Exactly what a stone can be.
No gull complains, no sailor calls;
Dim evening on the harbour falls.
On every mast a lantern glows,
From every roof a thin smoke blows.
Even the dogs have gone to bed,
All curled up in the boathouse shed.
Could anyone be still awake?
Her window shines across the lake.
Late letters wait there to be read,
In ink of blue and ink of red.
None tells her what she wants to know;
Empty are all their rows, and so
Calmly she folds them, one by one.
Out goes the lamp. The day is done.
Under the pier the water sighs,
Night birds go by with sleepy cries.
The moon looks down on house and street,
Silent and round, and so complete.
END
