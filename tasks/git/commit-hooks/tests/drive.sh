#!/bin/bash
# Tries commits in a clone of the repository, and prints which were refused.
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@x.example GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@x.example
(cd site && realpath --relative-to=. "$(git config core.hooksPath)")
test -x site/.githooks/commit-msg && test -x site/.githooks/pre-commit || exit 1
git clone -q --no-local site /tmp/clone && cd /tmp/clone && git config core.hooksPath .githooks || exit 1
# try NAME COMMAND...: whether it refuses
try() {
	local name=$1
	shift
	if "$@" > /dev/null 2>&1 < /dev/null; then echo "$name: accepted"; else echo "$name: refused"; fi
}
# message NAME TEXT: the hook for messages, called as git does
message() {
	printf "$2" > /tmp/message
	try "$1" .githooks/commit-msg /tmp/message
}
# staged NAME: the hook for files, called as git does
staged() {
	try "$1" .githooks/pre-commit
	git reset -q --hard
}

# in earnest first: hooks that refuse or accept everything need no further look
echo a > pages/a.html
git add .
try 'bad commit' git commit -q -m 'pages: Add it.'
try 'good commit' git commit -q -m 'pages: Add it'
printf '<<<<<<< HEAD\n' > pages/a.html
try 'marks with commit -a' git commit -q -a -m 'pages: Add it'
git add .
echo fine > pages/a.html
try 'marks in the index only' git commit -q -m 'pages: Add it'
test "$(git rev-list --count HEAD)" = 4 || exit 1
git reset -q --hard
printf 'pages\nstyle\nbuild tools\nc++ (new)\n' > AREAS
message 'area with a space' "build tools: Use make\n\nIt was about time. It is.\n"
message 'area with special characters' "c++ (new): Add a page\n"
message 'area that only looks alike' "cc (new): Add a page\n"
message 'no space' "style:Add the pub\n"
message 'two spaces' "style:  Add the pub\n"
message '60 characters' "style: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
message '60 letters of two bytes' "style: ééééééééééééééééééééééééééééééééééééééééééééééééééééé\n"
message '61 characters' "style: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
message 'second line' "style: Add\nand more\n"
message 'merge' "Merge branch 'boats' into main, which makes this line much longer than sixty.\n"
git reset -q --hard
message 'comment above' '# a comment\nstyle: Add the pub\n# another\n\ntext\n'
message 'nothing' '# a comment\n'
printf ' <<<<<<< HEAD\n<<<<<<<<\n' > pages/b.html
git rm -q pages/old.html
head -c 20000 /dev/zero > pages/big.bin
echo fine > pages/net.html
git add .
printf '<<<<<<< HEAD\n' >> pages/net.html
staged 'all that is allowed'
head -c 20001 /dev/zero > 'pages/big.bin'; git add .; echo > pages/big.bin
staged '20001 bytes'
echo a > 'pages/the pub.html'; git add .
staged 'space in a name'
mkdir -p 'pages/ü'; printf '<<<<<<< HEAD\n' > 'pages/ü/"x".html'; git add .
staged 'odd name'
