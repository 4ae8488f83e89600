#!/bin/bash
# Builds the memory cards of two trail cameras: small PGM pictures under file names that a card reader,
# several people and a phone have left behind. Such names do not survive in an archive, so they are made here.
set -eu

# picture PATH TAKEN GREY: TAKEN may be empty.
picture() {
	mkdir -p -- "$(dirname -- "$1")"
	{
		printf 'P2\n'
		printf '# trail camera, firmware 2.1\n'
		if [ -n "$2" ]; then printf '# taken %s\n' "$2"; fi
		printf '# edited 2024-12-24 18:00:00\n4 2\n255\n'
		printf '%d %d %d %d\n' "$3" $(($3 + 1)) $(($3 + 2)) $(($3 + 3)) 9 8 7 "$3"
	} > "$1"
}

mkdir -p inbox && cd inbox
picture 'north/IMG_0001.pgm' '2024-05-30 23:59:58' 10
picture 'north/IMG_0002.pgm' '2024-06-01 05:12:44' 20
picture 'north/IMG_0003.PGM' '2024-06-01 05:12:44' 21
picture 'north/IMG_0004.Pgm' '2024-06-01 05:12:44' 22
picture 'north/IMG 0005 (fox).pgm' '2024-06-02 21:40:07' 30
picture 'north/ leading space.pgm' '2024-06-03 04:00:00' 31
picture 'north/-rf.pgm' '2024-06-03 04:10:00' 32
picture 'north/*.pgm' '2024-06-03 04:20:00' 33
picture 'north/[1] owl?.pgm' '2024-06-05 00:00:09' 34
picture 'north/back\slash.pgm' '2024-06-06 13:00:01' 35
picture 'north/night/$HOME.pgm' '2024-07-11 02:03:04' 40
picture 'north/night/"quoted" it'\''s.pgm' '2024-07-11 02:03:05' 41
picture $'north/night/two\nlines.pgm' '2024-07-11 02:03:06' 42
picture $'north/night/tab\there.pgm' '2024-07-11 02:03:07' 43
picture 'north/night/--help.PGM' '2024-12-31 23:59:59' 44
picture 'south/IMG_0001.pgm' '2024-06-01 05:12:44' 50
picture 'south/IMG_0002.pgm' '2025-01-01 00:00:00' 51
picture 'south/Füchsin.pgm' '2025-01-01 00:00:00' 52
picture 'south/trailing space .pgm' '2025-01-02 07:08:09' 53
picture 'south/.hidden.pgm' '2025-01-03 08:00:00' 54
picture 'south/no date; rm -r x.pgm' '' 60
picture $'south/no\ndate.pgm' '' 61
picture 'south/-n.PGM' '' 62
mkdir 'copies of north'
cp -- 'north/IMG_0003.PGM' 'copies of north/fox cub.pgm'
cp -- 'north/-rf.pgm' 'copies of north/-rf.pgm'
cp -- $'north/night/two\nlines.pgm' 'copies of north/two.pgm'
cp -- 'south/-n.PGM' 'copies of north/zz.pgm'
printf 'Change the batteries of the south camera.\n' > 'north/notes on *.txt'
printf 'P2\n# taken 2024-06-09 01:01:01\n4 2\n' > 'south/IMG_0009.pgm.part'
mkdir 'south/empty.pgm'
printf 'not a picture\n' > 'south/empty.pgm/README'
