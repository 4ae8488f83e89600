#!/bin/sh
# Tests of rotate.sh. Prints "ok" or "FAILED" for each.
script=$(pwd)/rotate.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
same() { # NAME EXPECTED FOUND
	if [ "$2" = "$3" ]; then echo "ok $1"; else
		echo "FAILED $1: expected '$2', found '$3'"
		failed=1
	fi
}

mkdir a && touch a/backup-1.tar a/backup-2.tar a/backup-3.tar
out=$(sh "$script" a 2)
same "removes the oldest" "removed backup-1.tar" "$out"
same "keeps the others" "backup-2.tar backup-3.tar" "$(echo $(ls a))"

mkdir b && touch b/backup-8.tar b/backup-9.tar b/backup-10.tar b/backup-11.tar
sh "$script" b 2 > /dev/null
same "10 is newer than 9" "backup-10.tar backup-11.tar" "$(echo $(ls b))"

mkdir "my files" && touch "my files/backup-1.tar" "my files/backup-2.tar"
sh "$script" "my files" 1 > /dev/null 2>&1
same "a folder with a blank" "backup-2.tar" "$(ls "my files")"

mkdir c && touch c/backup-1.tar
same "few backups" "" "$(sh "$script" c 5 2>&1)"

sh "$script" nowhere 1 > out 2> err
same "status of an error" 1 $?
same "message to standard error" "" "$(cat out)"
exit $failed
