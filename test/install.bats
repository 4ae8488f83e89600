#!/usr/bin/env bats
# make install and make uninstall, under a root of the test's own.

load helper
load episode

setup() {
	common_setup
	! sanitized || skip "sanitizers have no part in it"
	root=$T/root
	unset MAKEFLAGS MFLAGS MAKELEVEL
}

make_to_root() {
	make -s -C "$BUILD" "$1" DESTDIR="$root" prefix=/usr >"$T/make.log" 2>&1 || { cat "$T/make.log"; return 1; }
}

# completions SHELL: where its completions are, as configure was told.
completions() {
	sed -n "s|^$1completiondir = [$][({]datadir[)}]|$root/usr/share|p" "$BUILD/Makefile"
}

# files FOLDER: what is in it, without folders, by its path there, and whether it can be executed.
files() {
	(cd "$1" && find . ! -type d \( -perm -100 -printf 'x %P\n' -o -printf '- %P\n' \) | sort)
}

@test "everything is where it is looked for, can be read by all, and is used" {
	local program
	umask 077
	make_to_root install
	for program in $PIPEGYM_PROGRAMS; do
		[ -x "$root/usr/bin/$program" ]
		[ -s "$root/usr/share/man/man1/$program.1" ]
		[ ! -e "$BUILD/completion/pipegym" ] || grep -q "^$program " "$(completions bash)/$program"
	done
	[ ! -e "$BUILD/completion/_pipegym" ] || [ -s "$(completions zsh)/_pipegym" ]
	[ "$(cd "$root/usr" && echo libexec/*/* share/pipegym/* share/doc/*/* share/man/man5/*)" = "$(echo libexec/pipegym/pipegym-{box,jq,keep} share/pipegym/tasks share/doc/pipegym/{LICENSE,NEWS,README} share/man/man5/pipegym-{record,task}.5)" ]
	[ "$(files "$root/usr/share/pipegym/tasks")" = "$(files "$SRC/tasks" | grep -vx -e '- local.mk')" ]
	[ -z "$(find "$root" -type f ! -perm -444)" ]
	need_box
	export PIPEGYM_LIBEXEC=$root/usr/libexec/pipegym PIPEGYM_TASKS=$root/usr/share/pipegym/tasks PATH=$root/usr/bin:$PATH
	quiet sh -c 'task-list -c bash -n 1 | env-reset | agent-oracle | env-step | env-verify | env-close'
	expect .reward 1
}

@test "uninstall leaves what others put there, and nothing of ours" {
	make_to_root install
	mkdir "$root/usr/share/pipegym/tasks/own"
	make_to_root uninstall
	[ -z "$(find "$root" ! -type d)" ]
	[ "$(cd "$root" && find . -path '*pipegym*' | sort | paste -sd ' ')" = './usr/share/pipegym ./usr/share/pipegym/tasks ./usr/share/pipegym/tasks/own' ]
	rmdir "$root/usr/share/pipegym/tasks/own"
	make_to_root install
	make_to_root uninstall
	[ -z "$(cd "$root" && find . -path '*pipegym*')" ]
}
