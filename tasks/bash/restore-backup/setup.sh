#!/bin/bash
# Makes the archives of a backup in two places, and damages some of them.
set -eu
umask 022
mkdir -p backup/main backup/mirror
mkdir -p work/diff-20241003/ work/diff-20241003/list work/diff-20241003/notes work/diff-20241006/ work/diff-20241006/list work/diff-20241006/notes work/diff-20241006/pages work/diff-20241006/tools work/full-20240901/ work/full-20240901/old work/full-20241001/ work/full-20241001/notes work/full-20241001/pages work/full-20241001/tools work/incr-20241002/ work/incr-20241002/notes work/incr-20241004/ work/incr-20241004/list work/incr-20241004/tools work/incr-20241005/notes work/incr-20241005/pages work/incr-20241007/ work/incr-20241007/list work/incr-20241007/notes work/incr-20241008/ work/incr-20241008/.hidden work/incr-20241010/
printf 'the plan\n' > 'work/full-20240901/plan.txt'
printf 'gone by october\n' > 'work/full-20240901/old/september.txt'
printf 'the plan, second\n' > 'work/full-20241001/plan.txt'
printf '#!/bin/sh\necho one\n' > 'work/full-20241001/tools/run'
printf '#!/bin/sh\necho check\n' > 'work/full-20241001/tools/check'
printf 'a and b\n' > 'work/full-20241001/notes/a b.txt'
printf 'c\n' > 'work/full-20241001/notes/c.txt'
printf 'a list\n' > 'work/full-20241001/list'
printf 'one\n' > 'work/full-20241001/pages/1.txt'
printf 'two\n' > 'work/full-20241001/pages/2.txt'
: > 'work/full-20241001/empty'
printf 'c, better\n' > 'work/incr-20241002/notes/c.txt'
printf 'new\n' > 'work/incr-20241002/new.txt'
printf '%s\n' 'pages/2.txt' > work/incr-20241002/.removed
printf 'c, better\n' > 'work/diff-20241003/notes/c.txt'
printf 'newer\n' > 'work/diff-20241003/new.txt'
printf 'the list is a folder\n' > 'work/diff-20241003/list/one.txt'
printf '2\n' > 'work/diff-20241003/list/two.txt'
printf '%s\n' 'pages/2.txt' 'list' > work/diff-20241003/.removed
printf '#!/bin/sh\necho two\n' > 'work/incr-20241004/tools/run'
printf 'newer\n' > 'work/incr-20241004/new.txt'
printf 'the list is a folder\n' > 'work/incr-20241004/list/one.txt'
printf '2\n' > 'work/incr-20241004/list/two.txt'
printf '%s\n' 'notes/a b.txt' 'list' 'never was' > work/incr-20241004/.removed
printf 'again\n' > 'work/incr-20241005/notes/a b.txt'
printf 'three\n' > 'work/incr-20241005/pages/3.txt'
printf '%s\n' 'list/one.txt' 'empty' > work/incr-20241005/.removed
printf '#!/bin/sh\necho two\n' > 'work/diff-20241006/tools/run'
printf 'c of the sixth\n' > 'work/diff-20241006/notes/c.txt'
printf 'again\n' > 'work/diff-20241006/notes/a b.txt'
printf 'newest\n' > 'work/diff-20241006/new.txt'
printf '2\n' > 'work/diff-20241006/list/two.txt'
printf 'three\n' > 'work/diff-20241006/pages/3.txt'
printf '%s\n' 'pages/2.txt' 'list' 'empty' > work/diff-20241006/.removed
printf 'c of the seventh\n' > 'work/incr-20241007/notes/c.txt'
printf 'pages is a file now\n' > 'work/incr-20241007/pages'
printf 'two\n' > 'work/incr-20241007/list/two.txt'
printf '%s\n' 'pages' 'new.txt' > work/incr-20241007/.removed
printf 'the plan, third\n' > 'work/incr-20241008/plan.txt'
printf 'x\n' > 'work/incr-20241008/.hidden/x'
printf '%s\n' 'notes/c.txt' > work/incr-20241008/.removed
printf 'too late\n' > 'work/incr-20241010/plan.txt'
printf '%s\n' 'list' > work/incr-20241010/.removed
chmod 755 work/full-20241001/tools/run work/full-20241001/tools/check work/incr-20241004/tools/run work/diff-20241006/tools/run
for folder in work/*; do
	tar -C "$folder" --sort=name --owner=0 --group=0 --mtime=2024-10-01T00:00:00Z -cf - . | gzip -n > "backup/main/${folder#work/}.tar.gz"
done
rm -r work
cat > backup/README <<'END'
# How the backups are made

Backups are in two places, main and mirror; both have the same archives. A copy
can be damaged; SHA256SUMS has the right sums. If both copies of an archive are
good, the one in main is used.

- full-DAY.tar.gz has all files as they were that day.
- diff-DAY.tar.gz has the files that are new or different since the newest full
  backup before it.
- incr-DAY.tar.gz has the files that are new or different since the newest full
  or incremental backup before it, whatever differential ones were made between.

An archive of the last two kinds can have a file .removed: the paths, one a
line, that had gone since then. They are removed first, then the other files of
the archive are put in their places: a path can be in both, when a file became
a folder or a folder a file. A path that is not there is no mistake. .removed
itself is not part of the data.

To restore a day, take the newest full backup up to that day; then the newest
differential one after it and up to that day, if there is one; then all
incremental ones after the last of these and up to that day, in their order. An
archive without a good copy cannot be used: it is as if that full or differential
backup had never been made.
END
cp backup/main/*.gz backup/mirror
(cd backup/main && sha256sum *.gz > ../SHA256SUMS)
# damage FILE: turns a byte over
damage() {
	printf '\377' | dd of="$1" bs=1 seek=60 conv=notrunc status=none
}
damage backup/main/full-20241001.tar.gz
damage backup/main/incr-20241004.tar.gz
damage backup/main/diff-20241006.tar.gz
head -c 100 backup/main/incr-20241008.tar.gz > part && mv part backup/main/incr-20241008.tar.gz
damage backup/mirror/incr-20241002.tar.gz
damage backup/mirror/diff-20241006.tar.gz
damage backup/mirror/incr-20241010.tar.gz
