#!/bin/bash
# Runs ./wrap on each NAME.in with the arguments of NAME.args and compares with NAME.out.
cd "$(dirname "$0")/.." || exit 2
failed=0
for input in tests/*.in; do
	name=${input%.in}
	if ./wrap $(cat "$name.args") < "$input" | cmp -s - "$name.out"; then
		echo "ok      ${name#tests/}"
	else
		echo "FAILED  ${name#tests/}"
		failed=1
	fi
done
exit $failed
