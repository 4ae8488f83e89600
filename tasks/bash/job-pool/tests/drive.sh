#!/bin/bash
# Runs the pool with jobs that wait for each other, as far as that is possible, instead of for time.
set -u
pool=$PWD/pool.sh
[ -s "$pool" ] || exit 1
mkdir /tmp/d && cd /tmp/d || exit 1
# wait_for FILE...: until all are there, for some seconds at most
wait_for() {
	local file missing k
	for ((k = 0; k < 60; k++)); do
		missing=0
		for file; do [ -e "$file" ] || missing=1; done
		if [ $missing = 0 ]; then return 0; fi
		sleep 0.1
	done
	return 9
}
export -f wait_for
# run N < JOBS: runs the pool and prints all that came of it
run() {
	timeout 20 bash "$pool" "$1" results > out 2> err
	echo "status $?"
	echo "- out"
	cat out
	echo "- results"
	cat results && mv results results.old
}

echo "== order and statuses"
run 2 << 'END'
wait_for second || exit; echo "one  a"; echo "one b"
echo two; touch second; exit 3
kill -KILL $$
printf 'four, no newline'; echo to stderr >&2
no-such-command 2> /dev/null

echo '* seven \n'; cat; [ -t 0 ] || exit 0
END
grep -c 'to stderr' err
# a pool that cannot do this need not be waited for
[ "$(echo $(cat results.old))" = '1 0 2 3 3 137 4 0 5 127 6 0 7 0' ] || exit 1

echo "== all succeed"
run 3 << 'END'
true
echo fine
END

echo "== three at a time, all in use"
run 3 << 'END'
touch a; wait_for a b c
touch b; wait_for a b c
touch c; wait_for a b c
END

echo "== a place is filled as soon as it is free"
run 2 << 'END'
wait_for last
true
true
touch last
END

echo "== never more than two"
mkdir slots
for k in 1 2 3 4 5 6; do echo "mkdir slots/$k; set -- slots/*; echo \$# >> most; sleep 0.04; rmdir slots/$k"; done | run 2 > /dev/null
sort -n most | tail -n 1

echo "== stopped"
{
	echo "trap 'echo stopped > told; exit 5' TERM; touch started; for ((k = 0; k < 30; k++)); do sleep 0.1; done; touch late"
	echo "(sleep 3; touch child) & touch begun; wait; touch wrong"
	echo "touch never"
} > jobs
bash "$pool" 2 results < jobs > out 2> err &
process=$!
wait_for started begun
kill -TERM $process
wait $process
status=$?
echo "status $status"
[ $status = 143 ] && [ -s results ] || exit 1
cat results
cat told
# what got the signal may take a moment to go
for ((k = 0; k < 100; k++)); do
	left=$(cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\0' ' ' | grep -c 'sleep 3 ')
	if [ "$left" = 0 ]; then break; fi
	sleep 0.05
done
echo "left: $left"
for file in late wrong never child; do if [ -e "$file" ]; then echo "there is $file"; fi; done
# all that the jobs and this script have made
ls /tmp /tmp/d
