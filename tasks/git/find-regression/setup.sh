#!/bin/bash
# Builds the repository with fixed names and dates, so that its hashes are always the same.
set -eu
umask 022
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
mkdir parcel && cd parcel
git init -q --template= --initial-branch=main
git config user.name 'Parcel Desk'
git config user.email desk@parcel.example
mkdir bin lib

clock=1707123600 # 2024-02-05T09:00:00Z
# commit MESSAGE: all that changed, five hours and seven minutes after the commit before.
commit() {
	git add -A
	GIT_AUTHOR_DATE="$clock +0000" GIT_COMMITTER_DATE="$clock +0000" git commit -q -m "$1"
	clock=$((clock + 18420))
}
# change FILE OLD NEW: replaces a line, or several; OLD must be there.
change() {
	local text
	text=$(cat "$1"; printf .)
	case $text in *"$2"*) ;; *) echo "setup: $1: no such text: $2" >&2; exit 1 ;; esac
	text=${text/"$2"/"$3"}
	printf %s "${text%.}" > "$1"
}

cat > bin/postage <<'END'
#!/bin/bash
# postage GRAMS ZONE: prints the price of a parcel in euros
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/lib/rates.sh"

cents=$(rate_find "$1" "$2")
echo "$((cents / 100)).$((cents % 100))"
END
chmod +x bin/postage
cat > lib/rates.sh <<'END'
# The rate table: zone, limit in grams, price in cents. A class holds parcels up to and with its limit.

# rate_find GRAMS ZONE: prints the price of the first class that holds the parcel.
rate_find() {
	local grams=$1 zone=$2

	local limit price
	while read -r limit price; do
		if [ "$grams" -le "$limit" ]; then
			echo "$price"
			return 0
		fi
	done < <(grep "^$zone" "$here/rates.tsv" | cut -f 2,3)

	echo "no rate" >&2
	return 1
}
END
printf '%s\t%s\t%s\n' A 500 390 A 1000 450 A 2000 560 A 5000 740 A 10000 990 B 500 520 B 1000 610 B 2000 790 B 5000 1240 B 10000 1610 > rates.tsv
commit 'Print the price of a parcel'

cat > README <<'END'
postage
=======

    bin/postage GRAMS ZONE

prints what a parcel costs. The rates are in rates.tsv.
END
commit 'Add a readme'

cat > lib/format.sh <<'END'
# money CENTS: prints an amount in euros.
money() {
	printf '%d.%02d\n' $(($1 / 100)) $(($1 % 100))
}
END
change bin/postage 'echo "$((cents / 100)).$((cents % 100))"' 'money "$cents"'
change bin/postage '. "$here/lib/rates.sh"' '. "$here/lib/rates.sh"
. "$here/lib/format.sh"'
commit 'Print two digits of cents'

change bin/postage '
cents=' '
if [ $# -ne 2 ]; then
	echo "usage: postage GRAMS ZONE" >&2
	exit 2
fi

cents='
commit 'Say how it is used'
git tag v1.0

printf '%s\t%s\t%s\n' C 500 890 C 1000 1130 C 2000 1490 C 5000 2350 C 10000 3290 >> rates.tsv
commit 'Add zone C'

change bin/postage 'cents=$(rate_find "$1" "$2")' 'zone=${2^^}
cents=$(rate_find "$1" "$zone")'
commit 'Accept zones in lower case'

change bin/postage '
zone=' '
case $1 in
*[!0-9]* | "")
	echo "postage: not a weight: $1" >&2
	exit 2
	;;
esac

zone='
commit 'Refuse weights that are not numbers'

cat > CHANGELOG <<'END'
- weights are checked
- zone C
- v1.0
END
commit 'Start a changelog'

mkdir data
git mv rates.tsv data/rates.tsv
change lib/rates.sh 'here/rates.tsv' 'here/data/rates.tsv'
change README 'in rates.tsv' 'in data/rates.tsv'
commit 'Move the rates to a folder of their own'

change data/rates.tsv $'A\t500\t390' $'A\t500\t410'
change data/rates.tsv $'A\t1000\t450' $'A\t1000\t480'
commit 'New prices for zone A'

cat > lib/table.sh <<'END'
# table ZONE: prints the rates of a zone.
table() {
	local zone limit price
	while read -r zone limit price; do
		if [ "$zone" = "$1" ]; then
			printf '%6d g  %s\n' "$limit" "$(money "$price")"
	done < "$here/data/rates.tsv"
}
END
change bin/postage '. "$here/lib/format.sh"' '. "$here/lib/format.sh"
. "$here/lib/table.sh"'
commit 'Begin a table of rates'

change bin/postage '
if [ $# -ne 2 ]' '
if [ "${1:-}" = --table ] && [ $# -eq 2 ]; then
	table "${2^^}"
	exit 0
fi
if [ $# -ne 2 ]'
commit 'Add --table'

change README 'prints what' '    bin/postage --table ZONE

prints what'
commit 'Describe --table'

change lib/table.sh '"$(money "$price")"
	done' '"$(money "$price")"
		fi
	done'
commit 'Let the table of rates work'

printf '%s\t%s\t%s\n' D 500 1290 D 1000 1710 D 2000 2480 D 5000 4190 D 10000 6850 >> data/rates.tsv
change CHANGELOG '- weights' '- zone D
- --table
- weights'
commit 'Add zone D'

change data/rates.tsv $'B\t2000\t790' $'B\t2000\t830'
change data/rates.tsv $'B\t5000\t1240' $'B\t5000\t1290'
commit 'New prices for zone B'

change lib/rates.sh '	local limit price
	while read -r limit price; do
		if [ "$grams" -le "$limit" ]; then
			echo "$price"
			return 0
		fi
	done < <(grep "^$zone" "$here/data/rates.tsv" | cut -f 2,3)' '	local name limit price
	while read -r name limit price; do
		if [ "$name" = "$zone" ] && [ "$grams" -lt "$limit" ]; then
			echo "$price"
			return 0
		fi
	done < "$here/data/rates.tsv"'
commit 'Read the rates without grep and cut'

change bin/postage '# postage GRAMS ZONE: prints the price of a parcel in euros' '# postage [--bulky] GRAMS ZONE: prints the price of a parcel in euros'
change bin/postage '
if [ "${1:-}" = --table ]' '
bulky=0
if [ "${1:-}" = --bulky ]; then
	bulky=350
	shift

if [ "${1:-}" = --table ]'
commit 'Add --bulky'

change README '    bin/postage --table ZONE' '    bin/postage --bulky GRAMS ZONE
    bin/postage --table ZONE'
commit 'Describe --bulky'

change lib/rates.sh '	echo "no rate" >&2' '	echo "postage: no rate for $grams g in zone $zone" >&2'
commit 'Say for what there is no rate'

change bin/postage '	shift

if' '	shift
fi
if'
change bin/postage 'money "$cents"' 'money "$((cents + bulky))"'
commit 'Let --bulky work'

change data/rates.tsv $'C\t500\t890' $'C\t500\t920'
change data/rates.tsv $'C\t1000\t1130' $'C\t1000\t1180'
commit 'New prices for zone C'

change lib/format.sh '# money CENTS: prints an amount in euros.' '# money CENTS: prints an amount in euros, without the currency.'
commit 'Comment on the format'

cat > LICENCE <<'END'
Use this as you like, without any warranty.
END
commit 'Add a licence'

change CHANGELOG '- zone D' '- --bulky
- prices of spring
- zone D'
commit 'Bring the changelog up to date'

change bin/postage 'echo "usage: postage GRAMS ZONE"' 'echo "usage: postage [--bulky] GRAMS ZONE, or postage --table ZONE"'
commit 'Tell all uses'
