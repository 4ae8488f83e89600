#!/bin/sh
# merge.sh FILE...: see README
if [ $# -eq 0 ]; then
	echo "usage: merge.sh FILE..."
	exit 2
fi
for file in $*; do
	name=`basename $file .log`
	awk -v name=$name -f normal.awk $file
done | sort | awk -f fold.awk
