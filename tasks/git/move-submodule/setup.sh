#!/bin/bash
# A library with releases, and an application that has it as a submodule.
set -eu
umask 022
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
mkdir upstream
git init -q --template= --bare --initial-branch=main upstream/gauge.git
git -C upstream/gauge.git fast-import --quiet <<'STREAM'
commit refs/heads/main
mark :1
author Gauge Makers <makers@gauge.example> 1672574400 +0000
committer Gauge Makers <makers@gauge.example> 1672574400 +0000
data <<END
Version 1.0
END
M 100755 inline gauge
data <<END
#!/bin/bash
# gauge FILE: prints the mean of the readings, a number a line.
awk '{ s += $1 } END { printf "%.1f\n", s / NR }' "$1"
END
M 100644 inline CHANGES.md
data <<END
# Changes

## 1.0
The first version.
END

reset refs/tags/v1.0
from :1

commit refs/heads/main
mark :2
author Gauge Makers <makers@gauge.example> 1672592820 +0000
committer Gauge Makers <makers@gauge.example> 1672592820 +0000
data <<END
Leave out what is no number
END
M 100755 inline gauge
data <<END
#!/bin/bash
# gauge FILE: prints the mean of the readings, a number a line. Lines that are no numbers are left out.
awk '/^-?[0-9.]+$/ { s += $1; n++ } END { printf "%.1f\n", s / n }' "$1"
END
M 100644 inline CHANGES.md
data <<END
# Changes

## 1.2
Lines that are no numbers are left out.

## 1.0
The first version.
END

reset refs/tags/v1.2
from :2

commit refs/heads/main
mark :3
author Gauge Makers <makers@gauge.example> 1672611240 +0000
committer Gauge Makers <makers@gauge.example> 1672611240 +0000
data <<END
Change the licence
END
M 100644 inline LICENCE
data <<END
Use it, and say where it is from.
END
M 100644 inline CHANGES.md
data <<END
# Changes

## 1.9
The licence has changed.

## 1.2
Lines that are no numbers are left out.

## 1.0
The first version.
END

tag v1.9
from :3
tagger Gauge Makers <makers@gauge.example> 1672629660 +0000
data <<END
Version 1.9
END

commit refs/heads/main
mark :4
author Gauge Makers <makers@gauge.example> 1672629720 +0000
committer Gauge Makers <makers@gauge.example> 1672629720 +0000
data <<END
Commands
END
M 100755 inline gauge
data <<END
#!/bin/bash
# gauge COMMAND < FILE: prints mean, least or greatest of the readings, a number a line.
# Lines that are no numbers are left out.
awk -v command="$1" '
/^-?[0-9.]+$/ {
	s += $1; n++
	if (n == 1 || $1 < least) least = $1 + 0
	if (n == 1 || $1 > greatest) greatest = $1 + 0
}
END {
	if (command == "mean") printf "%.1f\n", s / n
	else if (command == "least") print least
	else if (command == "greatest") print greatest
	else exit 2
}'
END
M 100644 inline CHANGES.md
data <<END
# Changes

## 1.10
The program reads standard input, and its first argument is a command: mean, least
or greatest.

## 1.9
The licence has changed.

## 1.2
Lines that are no numbers are left out.

## 1.0
The first version.
END

tag v1.10
from :4
tagger Gauge Makers <makers@gauge.example> 1672648140 +0000
data <<END
Version 1.10
END

commit refs/heads/main
mark :5
author Gauge Makers <makers@gauge.example> 1672648200 +0000
committer Gauge Makers <makers@gauge.example> 1672648200 +0000
data <<END
Call it meter
END
D gauge
M 100755 inline meter
data <<END
#!/bin/bash
# meter COMMAND < FILE: prints mean, least or greatest of the readings, a number a line.
# Lines that are no numbers are left out.
awk -v command="$1" '
/^-?[0-9.]+$/ {
	s += $1; n++
	if (n == 1 || $1 < least) least = $1 + 0
	if (n == 1 || $1 > greatest) greatest = $1 + 0
}
END {
	if (command == "mean") printf "%.1f\n", s / n
	else if (command == "least") print least
	else if (command == "greatest") print greatest
	else exit 2
}'
END
M 100644 inline CHANGES.md
data <<END
# Changes

## 2.0-rc1
Try this: the program is called meter now. It may still change.

## 1.10
The program reads standard input, and its first argument is a command: mean, least
or greatest.

## 1.9
The licence has changed.

## 1.2
Lines that are no numbers are left out.

## 1.0
The first version.
END

reset refs/tags/v2.0-rc1
from :5

commit refs/heads/main
mark :6
author Gauge Makers <makers@gauge.example> 1672666620 +0000
committer Gauge Makers <makers@gauge.example> 1672666620 +0000
data <<END
Work in progress
END
M 100755 inline meter
data <<END
#!/bin/bash
exit 1
END
STREAM
git init -q --template= --initial-branch=main river
cd river
git config user.name 'Tim Dale'
git config user.email tim@river.example
git fast-import --quiet <<'STREAM'
commit refs/heads/main
mark :1
author Tim Dale <tim@river.example> 1704103200 +0000
committer Tim Dale <tim@river.example> 1704103200 +0000
data <<END
Report the mean
END
M 100755 inline report
data <<END
#!/bin/bash
# report FILE: how high the river was. FILE has a reading in centimetres a line.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
echo "mean $("$here/vendor/gauge/gauge" "$1") cm"
END
M 100644 inline README
data <<END
How high is the river? report FILE says it.
END
M 100644 inline .gitmodules
data <<END
[submodule "vendor/gauge"]
	path = vendor/gauge
	url = /srv/git/gauge.git
END
M 160000 64cd9209e08879508746cdbdd22ab95eef9d7a5d vendor/gauge

commit refs/heads/main
mark :2
author Tim Dale <tim@river.example> 1704121620 +0000
committer Tim Dale <tim@river.example> 1704121620 +0000
data <<END
Take gauge 1.2
END
M 160000 233e2340897ccb853c402b6cfe5fc08fd5cc5db6 vendor/gauge

commit refs/heads/main
mark :3
author Tim Dale <tim@river.example> 1704140040 +0000
committer Tim Dale <tim@river.example> 1704140040 +0000
data <<END
Readings of January
END
M 100644 inline readings/2024-01.txt
data <<END
212
215
ice
209.5
END
STREAM
git reset -q --hard main
