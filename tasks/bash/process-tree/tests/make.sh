#!/bin/bash
# make.sh FOLDER: makes another snapshot
set -eu
# proc FOLDER PID PPID STATE RSS NAME [WORD]...: a process; RSS - has none
proc() {
	local base=$1/$2 letter=$4
	{
		printf 'Name:\t%s\nUmask:\t0022\nState:\t%s\nTgid:\t%s\nPid:\t%s\nPPid:\t%s\nTracerPid:\t0\n' "$6" "$letter" "$2" "$2" "$3"
		if [ "$5" != - ]; then printf 'VmPeak:\t%8d kB\nVmRSS:\t%8d kB\nRssAnon:\t%8d kB\n' $(($5 * 3)) "$5" $(($5 / 2)); fi
		printf 'Threads:\t1\n'
	} > "$base/status"
	shift 6
	if [ $# -gt 0 ]; then printf '%s\0' "$@" > "$base/cmdline"; else : > "$base/cmdline"; fi
}
folder=$1
mkdir -p "$folder"/{40,5,100,20,7,8,9,3000000,11,6}
proc "$folder" 40 1 $'S (sleeping)' 10 $'Pid: 7' $'x'
proc "$folder" 5 40 $'S (sleeping)' 20 $'a b)(' $'a' $'VmRSS: 999 kB' $'b'
proc "$folder" 100 40 $'D (disk sleep)' 1 $'c' $'c'
proc "$folder" 20 40 $'S (sleeping)' 2 $'PPid:\\t1' $'d'
proc "$folder" 7 5 $'T (stopped)' 3 $'e' $'e' $'*' $'$HOME' $'\\n'
proc "$folder" 8 7 $'Z (zombie)' - $'(sd-pam)'
proc "$folder" 9 7 $'I (idle)' - $'kworker/0:0'
proc "$folder" 3000000 9 $'S (sleeping)' 4000000 $'big' $'big'
proc "$folder" 11 3000000 $'S (sleeping)' 5 $'f' $'f\n\ng'
proc "$folder" 6 40 $'Z (zombie)' - $'z  z'
mkdir "$folder/1600" "$folder/sys" && : > "$folder/1600/cmdline" && ln -s 40 "$folder/self" && echo "MemTotal: 1000 kB" > "$folder/meminfo"
