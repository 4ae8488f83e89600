# Folds entries that follow each other and are the same but for their time into one.
{
	key = $2 "\t" $4
	if (key == last) {
		count++
		next
	}
	show()
	first = $1
	last = key
	count = 1
}

END { if (count > 1) show() }

function show() {
	if (count > 1)
		print first "\t" last " (" count " times)"
	else if (count)
		print first "\t" last
}
