#!/bin/bash
# A shared folder with drafts of several years.
set -eu
# file PATH DAY: a file that was last changed then
file() {
	echo "contents of $1" > "$1"
	touch -d "$2" -- "$1"
}
mkdir share && cd share
mkdir -p plans/old/deep/er plans/old/box plans/new letters/keep/drafts letters/keepers photos/2019.tmp empty/from/before
file 'plans/harbour.txt' 2023-02-01T10:00:00Z
file 'plans/harbour.txt.bak' 2023-02-01T09:00:00Z
file 'plans/harbour 2.bak' 2024-06-30T23:59:59Z
file 'plans/harbour 3.bak' 2024-07-01T00:00:00Z
file 'plans/old/a.tmp' 2022-05-05T05:05:05Z
file 'plans/old/b.tmp' 2022-05-05T05:05:06Z
file 'plans/old/deep/er/c.tmp' 2022-05-05T05:05:07Z
file 'plans/new/a.tmp' 2024-09-09T09:09:09Z
file 'letters/keep/first.tmp' 2021-01-01T00:00:00Z
file 'letters/keep/drafts/second.bak' 2021-01-02T00:00:00Z
file 'letters/keepers/third.tmp' 2021-01-03T00:00:00Z
file 'letters/keep.tmp' 2021-01-04T00:00:00Z
file 'letters/tmp' 2021-01-05T00:00:00Z
file 'letters/x.tmp.txt' 2021-01-06T00:00:00Z
file 'letters/ALL.TMP' 2021-01-06T00:00:00Z
file 'letters/-rf.tmp' 2021-01-07T00:00:00Z
file "letters/it's done.bak" 2021-01-08T00:00:00Z
file 'photos/.hidden.tmp' 2020-01-01T00:00:00Z
file 'photos/2019.tmp/beach.txt' 2019-08-01T00:00:00Z
touch -d 2019-08-01T00:00:00Z photos/2019.tmp
ln -s ../plans/harbour.txt letters/link.tmp
touch -h -d 2020-01-01T00:00:00Z letters/link.tmp
find . -type d -exec touch -d 2020-01-01T00:00:00Z {} +
