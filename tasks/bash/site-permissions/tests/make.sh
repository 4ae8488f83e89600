#!/bin/bash
# make.sh FOLDER: makes another site
set -eu
mkdir -p "$1" && cd "$1"
mkdir -p a/b/c private/private/incoming incoming/x privates -- -p/'*' $'two\nlines'
echo 1 > a/b/c/1; printf '#!x' > a/b/c/2; printf '#' > a/b/3; printf '#!' > private/private/4; echo 5 > private/private/incoming/5
printf '#!/bin/bash\n' > incoming/x/6; echo 7 > privates/7; echo 8 > ./-p/'*'/8; echo 9 > $'two\nlines/ 9'; echo 10 > incoming/private; printf '#!/bin/awk -f\n' > .hidden; printf '\0#!' > a/zero; echo 11 > private/incoming
chmod 777 a/b/c/1 a/b/c/2 privates
chmod 6711 private/private/4
chmod 1777 private/private/incoming a
chmod 644 incoming/x/6 privates/7 a/b/3 .hidden a/zero
chmod 666 incoming/private private/incoming
chmod 400 ./-p/'*'/8 $'two\nlines/ 9'
chmod 700 incoming
chmod 200 private/private/incoming/5
chmod 0 a/b/c a/b
mkdir -p /tmp/elsewhere/private && echo e > /tmp/elsewhere/private/e && chmod 777 /tmp/elsewhere/private/e /tmp/elsewhere
ln -s /tmp/elsewhere far; ln -s /tmp/elsewhere/private/e private/far; ln -s nowhere gone
