#!/bin/bash
# What /proc looked like at one moment, with the files that matter.
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
folder=snapshot
mkdir -p "$folder"/{1,2,3,14,310,1400,1422,1423,1510,1511,420,99,1000,777}
proc "$folder" 1 0 $'S (sleeping)' 11800 $'systemd' $'/sbin/init' $'splash'
proc "$folder" 2 0 $'S (sleeping)' - $'kthreadd'
proc "$folder" 3 2 $'I (idle)' - $'rcu_gp'
proc "$folder" 14 2 $'S (sleeping)' - $'ksoftirqd/0'
proc "$folder" 310 1 $'S (sleeping)' 6100 $'sshd' $'sshd: /usr/sbin/sshd -D [listener]'
proc "$folder" 1400 310 $'S (sleeping)' 9050 $'sshd' $'sshd: ada [priv]'
proc "$folder" 1422 1400 $'S (sleeping)' 6600 $'sshd' $'sshd: ada@pts/0'
proc "$folder" 1423 1422 $'S (sleeping)' 5200 $'bash' $'-bash'
proc "$folder" 1510 1423 $'R (running)' 88200 $'python3' $'python3' $'-c' $'import time\nwhile True: pass'
proc "$folder" 1511 1423 $'Z (zombie)' - $'sort'
proc "$folder" 420 1 $'S (sleeping)' 21000 $'nginx' $'nginx: master process /usr/sbin/nginx'
proc "$folder" 99 420 $'S (sleeping)' 30050 $'nginx' $'nginx: worker process'
proc "$folder" 1000 420 $'S (sleeping)' 29950 $'nginx' $'nginx: worker process'
proc "$folder" 777 555 $'S (sleeping)' 1200 $'lost' $'./lost' $'--for' $'a while' $''
mkdir "$folder/1600" "$folder/sys" && : > "$folder/1600/cmdline" && ln -s 1510 "$folder/self" && echo "MemTotal: 1000 kB" > "$folder/meminfo"
