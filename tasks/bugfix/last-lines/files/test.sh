#!/bin/sh
# Prints "ok" or "FAILED" for each test.
failed=0
same() {
	if [ "$2" = "$3" ]; then echo "ok $1"; else echo "FAILED $1"; failed=1; fi
}
same "few lines" "$(seq 3)" "$(seq 3 | ./last)"
same "more than ten" "$(seq 91 100)" "$(seq 100 | ./last)"
same "last three" "$(seq 5 7)" "$(seq 7 | ./last -n 3)"
same "a word at the end" "a red" "$(printf 'a red\nred b\nblue\n' | ./last -n 5 -w ' red')"
same "no final newline" "$(printf 'a\nb')" "$(printf 'a\nb' | ./last)"
same "no lines" "" "$(./last < /dev/null)"
./last -n x < /dev/null 2> /dev/null
same "bad count" 2 $?
exit $failed
