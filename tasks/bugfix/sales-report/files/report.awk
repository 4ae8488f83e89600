# Sums up sales: awk -f report.awk FILE...; README says what it prints.
NR == 1 || /^#/ { next }

NF < 4 || $3 !~ /[0-9]+/ || $4 !~ /[0-9]+/ {
	bad++
	next
}

{
	region = $1
	if (!(region in pieces))
		order[++regions] = region
	pieces[region] += $3
	worth[region] += $3 * $4
	all += $3 * $4
	if ($3 > best) {
		best = $3
		item[region] = $2
	}
}

END {
	for (i = 1; i < regions; i++) {
		r = order[i]
		printf "%s\t%d\t%s\t%d%%\t%s\n", r, pieces[r], euros(worth[r]), worth[r] * 100 / all, item[r]
	}
	printf "all\t%s\n", euros(all)
	printf "bad lines\t%s\n", bad
}

function euros(cents) {
	return sprintf("%d.%d", cents / 100, cents % 100)
}
