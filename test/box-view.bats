#!/usr/bin/env bats
# What can be seen of the host from a box: no more than pipegym-box(7) names, and of some of it no more than a name.

load helper
load episode

setup() {
	common_setup
	! sanitized || skip "boxes are asked, and no program of ours that is sanitized"
	page=$SRC/man/pipegym-box.7
}

# words PATTERN: the words of the page that match, once each.
words() {
	grep -oE "$1" "$page" | sort -u
}

# all_named NAMES DOCUMENTED: files of lines; every one of the first is in the second.
all_named() {
	local more
	[ -s "$1" ]
	more=$(comm -23 <(sort -u "$1") "$2")
	[ -n "$more" ] || return 0
	# Another kernel than the page was written on shows other names: to be reviewed, but nobody's fault.
	[[ -n ${CI:-} && $(uname -r) == 6.18.* ]] || skip "this kernel shows names that pipegym-box(7) lacks: ${more//$'\n'/ }"
	printf 'seen in a box, but not in pipegym-box(7):\n%s\n' "$more"
	return 1
}

@test "what a box sees in /proc is what the page names" {
	begin
	words '/proc/[A-Za-z0-9_./-]*[A-Za-z0-9_]' >documented
	act 'for f in /proc/*; do case $f in /proc/[0-9]*) ;; *) echo "$f" ;; esac; done'
	expect .exit 0
	jq -jr .stdout <<<"$output" >seen
	[ "$(wc -l <seen)" -gt 20 ]
	all_named seen documented
	act 'ls -d /proc/sys/*; ls -d /proc/self/*'
	jq -jr .stdout <<<"$output" >seen
	[ "$(wc -l <seen)" -gt 30 ]
	all_named seen documented
	# Of any process of the box, and of pid 1, there is nothing else.
	act 'ls /proc/1; ls /proc/$$'
	jq -jr .stdout <<<"$output" | sed 's|^|/proc/self/|' >seen
	all_named seen documented
}

@test "devices, mounts and folders are what the page names" {
	begin
	{
		words '/(dev|etc|usr|bin|sbin|lib|proc|run)(/[A-Za-z0-9_./-]*[A-Za-z0-9_])?'
		echo /
	} | sort -u >documented
	act 'for f in /dev/*; do [ ! -c "$f" ] || [ -L "$f" ] || echo "$f"; done'
	jq -jr .stdout <<<"$output" >seen
	all_named seen documented
	act 'cut -d " " -f 5 /proc/self/mountinfo | sed "s|^/lib[0-9x]*|/lib|"'
	jq -jr .stdout <<<"$output" >seen
	# What is mounted below /usr on the host, and a cover over tasks, are in /usr.
	sed -i 's|^\(/usr\|/bin\|/sbin\|/lib\)/.*|\1|' seen
	all_named seen documented
}

# For a reader of the log, and to see that each can still be asked.
@test "what a box can tell of its host" {
	local line
	begin
	act 'python3 - <<"END"
import os, time
def first(path):
    try:
        with open(path) as file:
            return file.readline().strip()[:60]
    except OSError as error:
        return error.strerror
uname = os.uname()
print("kernel", uname.sysname, uname.release, uname.machine)
print("processors", os.cpu_count(), "allowed", len(os.sched_getaffinity(0)))
print("model", next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith(("model name", "CPU part"))), "none"))
for name in ("meminfo", "loadavg", "uptime", "cmdline", "sys/kernel/random/boot_id", "sys/kernel/osrelease", "sys/kernel/hostname", "sys/kernel/pid_max",
        "sys/kernel/threads-max", "self/cgroup", "self/uid_map", "self/loginuid", "self/cpuset", "self/oom_score_adj"):
    print(name, first("/proc/" + name))
system = os.statvfs("/usr")
print("usr MiB", system.f_blocks * system.f_frsize >> 20, "free", system.f_bavail * system.f_frsize >> 20)
for line in open("/proc/self/mountinfo"):
    if line.split()[4] == "/usr":
        print("usr from", line.split(" - ")[1].strip()[:60])
print("clock", int(time.clock_gettime(time.CLOCK_BOOTTIME)))
END'
	expect '[.exit, .stderr]' '[0,""]'
	while read -r line; do
		echo "# $line" >&3
	done < <(jq -jr .stdout <<<"$output")
	[ "$(jq -jr .stdout <<<"$output" | wc -l)" -ge 20 ]
	# It is the host's kernel, and not the host's name.
	expect '.stdout | test("\nsys/kernel/hostname box\n")' true
	expect ".stdout | test(\"^kernel Linux $(uname -r | sed 's/[.+]/[&]/g') \")" true
}

@test "of some things there is no more than the name" {
	begin
	# Addresses in the kernel and of devices.
	act 'grep -vE "^0+( |$)" /proc/kallsyms 2>/dev/null | head -n 3; grep -vE "^ *0+-0+ :" /proc/iomem /proc/ioports 2>/dev/null | head -n 3; cut -d " " -f 6 /proc/modules 2>/dev/null | grep -v "^0x0*$" | head -n 3; true'
	expect_out ''
	# Locks, segments, queues, sockets of others.
	act 'cat /proc/locks; tail -q -n +2 /proc/sysvipc/* /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/unix /proc/net/packet'
	expect_out ''
	act 'cut -d : -f 3 /proc/self/cgroup | sort -u; cut -d " " -f 5 /proc/loadavg | tr -d "[0-9]"; grep -c . /proc/net/arp'
	expect '.stdout' '"/\n\n1\n"'
	# No folder of a person, and not where this is run from.
	act 'cat /proc/self/mountinfo /proc/mounts /proc/self/environ /proc/self/maps | tr "\0" "\n"'
	jq -jr .stdout <<<"$output" >seen
	[ -s seen ]
	run grep -F -e "$T" -e "$SRC" -e "$BUILD" seen
	[ "$status" = 1 ]
}

@test "the page names every call that the filter denies" {
	local name missing=
	words '^\.Sy .*' | tr -s ' ' '\n' >named
	while read -r name; do
		grep -qxF "$name" named || missing+=" $name"
	done < <(sed -n '/^static const char \*const denied/,/^};/s/^ *"\(.*\)",$/\1/p' "$SRC/libexec/filter.c" &&
		grep -oE 'SCMP_SYS\([a-z0-9_]+\)' "$SRC/libexec/filter.c" | sed 's/.*(\(.*\))/\1/' && echo clone3)
	[ "$(wc -l <named)" -gt 90 ]
	[ -z "$missing" ] || {
		echo "not in pipegym-box(7):$missing"
		false
	}
}

@test "the figures of the page are those of a box" {
	begin
	act 'ulimit -n; ulimit -Hn; ulimit -l; ulimit -c; ulimit -q; cat /proc/sys/user/max_inotify_instances /proc/sys/user/max_user_namespaces; df --output=itotal / | tail -n 1 | tr -d " "'
	expect .stdout "$(printf '%s\n' 768 768 64 0 0 16 0 $((16 * 1024 + 1024)) | jq -Rs .)"
	[ "$(words '1024 inodes|16 inotify|at most 768|64 KiB of locked' | wc -l)" -ge 4 ]
}
