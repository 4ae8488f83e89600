#!/bin/sh
# rotate.sh FOLDER KEEP: see README

fail() {
	echo "rotate.sh: $1"
	exit 1
}

[ $# -eq 2 ] || fail "usage: rotate.sh FOLDER KEEP"
folder=$1
keep=$2
case $keep in
*[!0-9]*) fail "not a number: $keep" ;;
esac
[ -d $folder ] || fail "no such folder: $folder"

list() {
	ls $folder | grep backup-.*.tar | sort
}

count=$(list | wc -l)
list | head -n $((count - keep)) | while read -r file; do
	rm -f $folder/$file
	echo "removed $file"
done
