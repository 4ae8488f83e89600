# Makes "TIME<tab>NAME<tab>LEVEL<tab>TEXT" of each entry; TIME is in UTC, such as 2024-03-01T09:05:00Z.
function pad(n) { return n < 10 ? "0" n : "" n }

function days(y, m) { return m == 2 ? 28 + (y % 4 == 0) : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31 }

# 2024-03-01 09:05:00 +0200 -> UTC
function utc(date, time, zone,    y, m, d, h, min, shift) {
	y = substr(date, 1, 4) + 0; m = substr(date, 6, 2) + 0; d = substr(date, 9, 2) + 0
	h = substr(time, 1, 2) + 0; min = substr(time, 4, 2) + 0
	shift = substr(zone, 2, 2) * 60 + substr(zone, 4, 2)
	if (substr(zone, 1, 1) == "-")
		shift = -shift
	min += h * 60 + shift
	if (min < 0) {
		min += 1440
		if (--d < 1) {
			if (--m < 1) m = 12
			d = days(y, m)
		}
	} else if (min >= 1440) {
		min -= 1440
		if (++d > days(y, m)) {
			d = 1
			if (++m > 12) { m = 1; y++ }
		}
	}
	return y "-" pad(m) "-" pad(d) "T" pad(int(min / 60)) ":" pad(min % 60) ":" substr(time, 7, 2) "Z"
}

function flush_entry() {
	if (entry != "")
		print entry
	entry = ""
}

/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] [-+][0-9][0-9][0-9][0-9] (INFO|WARN|ERROR) / {
	flush_entry()
	text = $5
	for (i = 6; i <= NF; i++)
		text = text " " $i
	gsub(/\t/, " ", text)
	entry = utc($1, $2, $3) "\t" name "\t" $4 "\t" text
	next
}

/^\t/ && entry != "" {
	sub(/^[ \t]+/, "")
	gsub(/\t/, " ")
	entry = entry " | " $0
	next
}

