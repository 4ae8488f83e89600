#!/usr/bin/env bats
# Boxes that start from a root file system of the host: box-run --base, env.base.

load helper
load episode

# A small root of the host's own programs, which belongs to whom boxes run as, so that an agent can try to change it all.
setup_file() {
	local file library
	# Bats' own folder is closed to all others.
	export ROOTS OVERLAY
	OVERLAY=$(box-run --probe --json | jq '.findings[] | select(.name == "overlay") | .works')
	ROOTS=$(mktemp -d /tmp/pipegym-roots.XXXXXX)
	BASE=$ROOTS/base
	mkdir -p "$BASE/usr/bin" "$BASE/etc" "$BASE/data/inner" "$BASE/opt"
	ln -s usr/bin "$BASE/bin"
	for file in bash cat chmod cp dd df find head hostname id ln ls mkdir mkfifo mv readlink rm sleep stat touch wc; do
		file=$(type -P "$file")
		cp -L "$file" "$BASE/usr/bin/"
		ldd "$file" | grep -o '/[^ ]*' | while read -r library; do
			[[ -e $BASE$library ]] || install -D "$library" "$BASE$library"
		done
	done
	if [[ -d /usr/lib/locale/C.utf8 ]]; then
		mkdir -p "$BASE/usr/lib/locale"
		cp -r /usr/lib/locale/C.utf8 "$BASE/usr/lib/locale/"
	fi
	echo 'NAME="A base"' >"$BASE/etc/os-release"
	printf 'root:x:0:0:root:/root:/bin/bash\nother:x:5:5::/:/bin/bash' >"$BASE/etc/passwd"
	echo old >"$BASE/data/file"
	echo inner >"$BASE/data/inner/file"
	mkfifo "$BASE/data/pipe"
	head -c 3000000 /dev/urandom >"$BASE/data/large"
	chmod -R u+rwX,go+rX "$ROOTS"
	own "$BASE"
}

teardown_file() {
	chmod -R u+rwX "$ROOTS"
	rm -rf "$ROOTS"
}

setup() {
	common_setup
	BASE=$ROOTS/base
	need_box
	[[ $OVERLAY == true ]] || skip "no overlay in user namespaces, or no attributes on tmpfs: Linux before 6.6"
}

# Gives a folder to whom boxes run as: oneself, or for root the id of boxes.
own() {
	[[ $EUID != 0 ]] || chown -hR 2000000000:2000000000 "$1"
}

# copy NAME: a base of its own, whose path is then in $copy.
copy() {
	copy=$ROOTS/$1
	cp -a "$BASE" "$copy"
}

sum() {
	tar -C "$1" --sort=name --numeric-owner -c . | sha256sum
}

# gives STATUS COMMAND...: runs box-run with these arguments.
gives() {
	local expected=$1
	shift
	run "-$expected" --separate-stderr timeout 60 box-run "$@" </dev/null
	echo "status $status, not $expected; stdout: ${output:0:500} stderr: ${stderr:0:500}"
	[[ $status == "$expected" ]]
}

# --- what is seen -----------------------------------------------------

@test "the root is the base and the box's own folders, and nothing of the host" {
	gives 0 --base "$BASE" -- bash -c 'cat /etc/os-release; cd /; echo *; echo /usr/bin/*; echo ~; id -un; hostname'
	# The libraries lie where the host has them.
	local tops
	tops=$(cd "$BASE" && echo * dev home proc root run tmp var workspace | tr ' ' '\n' | sort | paste -sd ' ')
	[[ ${lines[0]} == 'NAME="A base"' ]]
	[[ ${lines[1]} == "$tops" ]]
	[[ ${lines[2]} == "$(cd "$BASE" && printf '/%s ' usr/bin/* | sed 's/ $//')" ]]
	[[ ${lines[3]} == /home/agent && ${lines[4]} == agent && ${lines[5]} == box ]]
	gives 127 --base "$BASE" -- jq
	gives 0 --base "$BASE" -- cat /proc/self/mountinfo
	[[ $output != *"$ROOTS"* ]]
	# The root, six devices, /run and /proc.
	[[ $(grep -c . <<<"$output") -le 9 ]]
}

@test "no capability, no new privileges, no device, no set-user-id, as without a base" {
	cp -a "$BASE/usr/bin/id" "$BASE/usr/bin/setid"
	chmod 4755 "$BASE/usr/bin/setid"
	gives 0 --base "$BASE" -- bash -c 'while read -r line; do echo "$line"; done </proc/self/status'
	[[ $output == *$'CapEff:\t0000000000000000'* && $output == *$'CapBnd:\t0000000000000000'* && $output == *$'NoNewPrivs:\t1'* ]]
	gives 0 --base "$BASE" -- bash -c 'cat /proc/self/mountinfo; setid -u'
	[[ ${lines[0]} == *' / / '*nosuid,nodev*overlay* && ${lines[-1]} == 1000 ]]
	rm "$BASE/usr/bin/setid"
}

@test "users of the base stay, the agent is added, names lead somewhere" {
	gives 0 --base "$BASE" -- bash -c 'cat /etc/passwd /etc/group /etc/hosts /etc/hostname'
	[[ $output == $'root:x:0:0:root:/root:/bin/bash\nother:x:5:5::/:/bin/bash\nagent:x:1000:1000:agent:/home/agent:/bin/bash\n'* ]]
	[[ $output == *$'\nagent:x:1000:\n'* && $output == *$'\n127.0.0.1 localhost box\n'* && $output == *$'\nbox' ]]
	gives 0 --base "$BASE" -- bash -c ': >>/etc/passwd && : >~/x && : >/tmp/x && : >/var/tmp/x && : >/dev/shm/x'
	copy users
	printf 'root:x:0:0::/:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' >"$copy/etc/passwd"
	echo 'node:x:1000:' >"$copy/etc/group"
	sum "$copy" >before
	gives 0 --base "$copy" -- bash -c 'id -un; id -gn; wc -l </etc/passwd; echo ~node; echo ~'
	[[ $output == $'node\nnode\n2\n/home/node\n/home/agent' ]]
	diff before <(sum "$copy")
}

@test "the same in two boxes, times included" {
	local list='find / -path /proc -prune -o -printf "%p %y %m %u %s %T@ %l\n"'
	# The host's devices and the session's pipes are made with the box, with a base as without.
	box-run --base "$BASE" -- bash -c "$list" | grep -v '^/dev/tty \|^/run/session/' >first
	box-run --base "$BASE" -- bash -c "$list" | grep -v '^/dev/tty \|^/run/session/' >second
	[[ $(wc -l <first) -gt 50 ]]
	diff first second
}

# --- copy on write ----------------------------------------------------

@test "an agent changes all of it, and the base stays as it was, byte for byte" {
	local change='cd /data && echo more >>file && rm large && mv inner outer && chmod 0 pipe && rm -r /opt && mkdir /opt &&
		touch /opt/x /usr/x && mv /usr/bin/id /usr/bin/other && ln -s x /etc/link && ln file hard &&
		echo old >/etc/os-release && cat file outer/file && ls -A /opt . && other -u'
	sum "$BASE" >before
	gives 0 --base "$BASE" -- bash -c "$change"
	[[ $output == $'old\nmore\ninner\n.:\nfile\nhard\nouter\npipe\n\n/opt:\nx\n1000' ]]
	[[ -z $stderr ]]
	gives 0 --base "$BASE" -- bash -c "$change"
	diff before <(sum "$BASE")
}

@test "files of others can be read, and removed where the folder is the agent's, but not changed" {
	[[ $EUID == 0 ]] || skip "only root has files of others to give"
	copy others
	chown -hR 0:0 "$copy"
	chmod 666 "$copy/data/file"
	sum "$copy" >before
	gives 1 --base "$copy" -- touch /usr/x
	[[ $stderr == *'Permission denied'* ]]
	gives 1 --base "$copy" -- bash -c 'echo x >>/data/file'
	[[ $stderr == *'Value too large'* ]]
	gives 0 --base "$copy" -C /data -- bash -c 'cat file; rm file; echo new >file; cat file; : >/var/tmp/x; : >/home/x'
	[[ $output == $'old\nnew' ]]
	diff before <(sum "$copy")
}

@test "the disk limit holds, for copies too, and so does that of inodes" {
	gives 1 --disk 4 --base "$BASE" -- dd if=/dev/zero of=/opt/x bs=1M count=20
	[[ $stderr == *'No space left on device'* || $stderr == *'File too large'* ]]
	gives 1 --disk 2 --base "$BASE" -- bash -c 'echo x >>/data/large'
	[[ $stderr == *'No space left on device'* || $stderr == *'File too large'* ]]
	gives 0 --disk 4 --base "$BASE" -- bash -c 'echo x >>/data/large'
	gives 0 --disk 1 --base "$BASE" -- bash -c 'for ((i = 0; i < 3000; i++)); do : >/tmp/$i || break; done 2>/dev/null; echo $i'
	((output > 1000 && output < 2100))
	gives 0 --disk 3 --base "$BASE" -- df --output=size /
	[[ ${lines[1]} -eq 3072 ]]
}

# --- hostile bases ----------------------------------------------------

@test "links, files and pipes in the place of the box's folders lead nowhere" {
	copy hostile
	rm -rf "${copy:?}/etc/passwd" "$copy/opt"
	ln -s ../../../../../../../../etc "$copy/tmp"
	ln -s / "$copy/dev"
	echo file >"$copy/proc"
	ln -s usr "$copy/workspace"
	ln -s /proc/self/root/etc "$copy/home"
	mkdir "$copy/var"
	ln -s /etc "$copy/var/tmp"
	ln -s /etc "$copy/opt"
	mkfifo "$copy/etc/passwd" "$copy/etc/group"
	ln -s /etc/shadow "$copy/etc/hosts"
	ln -s /proc/self/environ "$copy/etc/nsswitch.conf"
	own "$copy"
	sum "$copy" >before
	gives 0 --base "$copy" -- bash -c 'for i in /tmp /dev /proc /run /workspace /home /home/agent /var/tmp /etc/passwd /etc/hosts; do
		stat -c "%F %n" $i; done; : >/tmp/x; : >/var/tmp/y; : >/home/z; : >w; ls /etc; id -un; cat /etc/hosts; head -c 1 /dev/zero | wc -c'
	echo "$output" >got
	[[ $(grep -c '^directory /' got) == 8 && $(grep -c '^regular file /' got) == 2 ]]
	[[ $output != *$'\n'[xyzw]$'\n'* ]]
	[[ $output == *$'\nagent\n127.0.0.1 localhost box\n'* && ${lines[-1]} == 1 ]]
	diff before <(sum "$copy")
	# A link on the way is followed inside of the box.
	gives 0 --base "$copy" -C /opt/sub -- bash -c 'readlink /proc/self/cwd'
	[[ $output == /etc/sub && ! -e /etc/sub ]]
	ln -s / "$copy/loop"
	gives 0 --base "$copy" --bind-ro "$copy/data:/loop/loop/place" -- cat /place/file
	[[ $output == old && ! -e /place ]]
	rm "$copy/etc/passwd"
	ln -s /proc/self/mem "$copy/etc/passwd"
	gives 0 --base "$copy" -- cat /etc/passwd
	[[ $output == *agent:x:1000:* ]]
}

@test "an empty folder and one of links only are bases for nothing, but harm nothing" {
	mkdir "$ROOTS/empty"
	gives 127 --base "$ROOTS/empty" -- true
	own "$ROOTS/empty"
	gives 127 --base "$ROOTS/empty" -- bash
	[[ -z $(ls -A "$ROOTS/empty") ]]
	ln -s "$BASE" "$ROOTS/link"
	gives 0 --base "$ROOTS/link" -- cat /data/file
	[[ $output == old ]]
}

@test "a name with colons, commas, backslashes, blanks and newlines" {
	copy $'a:b,c\\d e\nf:upperdir=x,\\'
	gives 0 --base "$copy" -- bash -c ': >/data/new; cat /data/file'
	[[ $output == old && ! -e $copy/data/new ]]
	cd "$ROOTS"
	gives 0 --base "${copy##*/}" -- cat /data/file
}

@test "what is bound appears in a base as well, wherever it is to be" {
	copy bound
	[[ $EUID != 0 ]] || chown -hR 0:0 "$copy"
	gives 1 --base "$copy" --bind-ro "$BASE/data:/new/a/b" --bind-ro "$BASE/data/file:/usr/share/x" \
		--bind-ro "$BASE/data:/data/inner" --bind-ro "$BASE/etc/os-release:/data/file" -- \
		bash -c 'cat /new/a/b/inner/file /usr/share/x /data/inner/file /data/file; touch /new/a/b/x'
	[[ $output == $'inner\nold\nold\nNAME="A base"' && $stderr == *'Read-only file system'* ]]
}

# --- refusals ---------------------------------------------------------

@test "a base that is not there, cannot be read, is no folder or has mounts below it: 125 and why" {
	gives 125 --base "$ROOTS/none" -- true
	[[ $stderr == "box-run: --base: $ROOTS/none: No such file or directory" ]]
	gives 125 --base "$BASE/data/file" -- true
	[[ $stderr == "box-run: cannot make a box: show $BASE/data/file: Not a directory" ]]
	mkdir "$ROOTS/closed"
	if [[ $EUID == 0 ]]; then chmod 700 "$ROOTS/closed"; else chmod 0 "$ROOTS/closed"; fi
	gives 125 --base "$ROOTS/closed" -- true
	[[ $stderr == "box-run: cannot make a box: show $ROOTS/closed: Permission denied; it must be readable by whom boxes run as"* ]]
	gives 125 --base / -- true
	[[ $stderr == 'box-run: cannot make a box: mount the base: Invalid argument; '*'nothing mounted below it' ]]
}

@test "without bash: a command runs, an episode does not begin" {
	copy bare
	rm "$copy/usr/bin/bash"
	gives 0 --base "$copy" -- cat /data/file
	fixture_task unit/bare "$(jq -n --arg base "$copy" '{env: {$base}}')"
	fails 3 env-reset unit/bare
	[[ $stderr == *"task unit/bare: base $copy: it has no /bin/bash that runs: /bin/bash: No such file or directory" ]]
	[[ -z $(env-list --json) ]]
	# A bash for which something is missing is none either.
	copy broken
	find "$copy" -name 'libc.so*' -delete
	fixture_task unit/broken "$(jq -n --arg base "$copy" '{env: {$base}}')"
	fails 3 env-reset unit/broken
	[[ $stderr == *'no /bin/bash that runs: '*libc* ]]
}

# --- tasks ------------------------------------------------------------

@test "a task on a base: played, graded, replayed on it" {
	fixture_task unit/hello "$(jq -n --arg base "$BASE" '{env: {$base}, requires: ["no-such-program"], checks: [
		{name: "greeting", type: "file", path: "greeting.txt", content: {trimmed: "hello"}},
		{name: "root", type: "command", command: "cat /etc/os-release; [[ ! -e /data/new ]]", stdout: {trimmed: "NAME=\"A base\""}}]}')"
	mkdir "$T/tasks/unit/hello/files/folder"
	echo given >"$T/tasks/unit/hello/files/folder/given"
	echo ': >made; : >/data/new; cat folder/given >copied' >"$T/tasks/unit/hello/setup.sh"
	sum "$BASE" >before
	env-reset unit/hello | agent-oracle | env-step | env-verify | env-close >rollout
	quiet task-check unit/hello
	expect '.status' '"pass"'
	expect '[.reward, .box.base, .verdict.checks[].score]' "[1,\"$BASE\",1,1]" "$(<rollout)"
	quiet rollout-replay <rollout
	expect '[.match, .verdict_match]' '["exact",true]'
	[[ $(task-list --json unit | jq -c .env) == '{"kind":"shell","cwd":"/workspace","network":"loopback"}' ]]
	diff before <(sum "$BASE")
}

@test "an episode on a base: files, a full disk, a workspace that the base has" {
	fixture_task unit/hello
	mkdir -p "$T/tasks/unit/hello/tests" "$T/tasks/unit/hello/files/taken" "$T/tasks/unit/hello/files/place"
	echo hidden >"$T/tasks/unit/hello/tests/own"
	echo mine >"$T/tasks/unit/hello/files/taken/file"
	echo mine >"$T/tasks/unit/hello/files/link"
	ln -s file "$T/tasks/unit/hello/files/other"
	copy used
	mkdir "$copy/tests" "$copy/data/place"
	echo of the base >"$copy/tests/theirs"
	ln -s /etc/os-release "$copy/data/link"
	ln -s / "$copy/data/other"
	ln -s /opt "$copy/data/taken"
	own "$copy"
	begin "$(jq -n --arg base "$copy" '{env: {$base, cwd: "/data"}, limits: {disk_mib: 8}, checks: [
		{name: "greeting", type: "file", path: "greeting.txt", content: {trimmed: "hello"}},
		{name: "gone", type: "file", path: "large", exists: false},
		{name: "as it was left", type: "command", command: "cat inner/file other link taken/file /tests/*; echo *; [[ -p pipe ]]; echo /opt/*",
			stdout: {equals: "new\nold\nmine\nmine\nhidden\nfile greeting.txt inner link other pipe place taken\n/opt/*\n"}}]}')"
	act 'cat file inner/file; echo new >inner/file; pwd'
	expect_out $'old\ninner\n/data\n'
	tool write_file '{"path": "/opt/a/b", "content": "text"}'
	expect .info '{}'
	act 'cat /opt/a/b'
	expect_out text
	act 'head -c 20000000 /dev/zero >/tmp/x'
	expect .info '{"limit":"disk"}'
	act 'rm /tmp/x; echo hello >greeting.txt; rm large; ls'
	expect_out $'file\ngreeting.txt\ninner\nlink\nother\npipe\nplace\ntaken\n'
	quiet env-verify e-1
	expect .reward 1
	fixture_task unit/link "$(jq -n --arg base "$copy" '{env: {$base, cwd: "/data/other/x"}}')"
	fails 3 env-reset unit/link
	[[ $stderr == *"base: $copy/data/other, on the way to the workspace, is a symbolic link"* ]]
}

# forked: what env-fork makes of e-1 has the same files as it, and says of its session what is given (nothing).
forked() {
	local look='find / -path /proc -prune -o -path /dev -prune -o -path /run -prune -o -type d -printf "%p %m %T@\n" -o -printf "%p %y %m %n %s %T@ %l\n" | sort; cat /data/file /data/inner/file /data/new /etc/passwd 2>&1; df --output=ifree / | wc -l'
	quiet env-fork --id "$1" e-1
	expect .info "${2:-"{}"}"
	env-step -e e-1 -- "$look" | jq -c '[.stdout, .stderr]' >parent
	env-step -e "$1-1" -- "$look" | jq -c '[.stdout, .stderr]' >branch
	[[ $(jq -r '.[0]' parent | wc -l) -gt 30 ]]
	diff <(jq -r '.[]' parent) <(jq -r '.[]' branch)
}

@test "a workspace beside the other one that a base has: of it nothing is graded that was removed" {
	begin "$(jq -n --arg base "$BASE" '{env: {$base, workspaces: ["/data/inner"]}, checks: [
		{name: "gone", type: "file", path: "/data/inner/file", exists: false}, {name: "new", type: "file", path: "/data/inner/new", content: "new"},
		{name: "tree", type: "tree", gold: ["rm /data/inner/file", "echo new >/data/inner/new"]}]}')"
	act 'cat /data/inner/file; rm /data/inner/file; echo new >/data/inner/new; echo >/data/beside'
	expect_out $'inner\n'
	quiet env-verify "$ep"
	expect '[.status, (.checks | map(.score))]' '["pass",[1,1,1]]'
	copy linked
	ln -s data "$copy/way"
	fixture_task unit/linked "$(jq -n --arg base "$copy" '{env: {$base, workspaces: ["/way/inner"]}}')"
	fails 3 env-reset unit/linked
	[[ $stderr == *'/way, on the way to the workspace, is a symbolic link' ]]
}

@test "a branch of an episode on a base: what changed comes over, the rest is the base's, which stays as it was" {
	copy branched
	cp -L "$(type -P sort)" "$copy/usr/bin/sort"
	echo two >"$copy/opt/one"
	ln "$copy/opt/one" "$copy/opt/two"
	mkdir "$copy/opt/full" "$copy/opt/gone"
	echo x >"$copy/opt/full/x"
	chmod 500 "$copy/opt/full"
	own "$copy"
	sum "$copy" >before
	# What was changed in the last two seconds might be the agent's.
	sleep 2.1
	begin "$(jq -n --arg base "$copy" '{env: {$base}}')"
	# Nothing of it is the branch's own, but for what the box itself has.
	forked none
	act 'df --output=iused /' none-1
	field .stdout
	(($(field '.stdout | split("\n")[1]') < 60))
	act 'cd /data; echo more >>file; rm large; mv inner outer; mkdir inner; echo new >inner/file; chmod 0 pipe; rm -r /opt/gone; echo >new
		ln -s file link; touch -d 2020-01-01 new .; x=5; head -c 100000 /dev/zero >/opt/zeros; ln /opt/one /opt/three; mkdir -m 0 /opt/closed
		rm -r /usr/share /usr/lib/locale; echo x:x:7:7:::/ >>/etc/passwd; echo mine >/workspace/file; rm /opt/full/x; chmod 700 /opt/full; : >/opt/full/y; chmod 555 /opt/full'
	forked some
	act 'cat file outer/file inner/file; echo $x; pwd; stat -c %h /opt/three' some-1
	expect_out $'old\nmore\ninner\nnew\n5\n/data\n2\n'
	# Both go on, and a branch of a branch is like it.
	act 'echo only here >here; rm -r outer' some-1
	act '[[ ! -e here && -e outer ]] && echo alone'
	expect_out $'alone\n'
	quiet env-fork --at 1 --id early some-1
	expect .step 1
	quiet env-fork --id again some-1
	act 'cat here; [[ -e outer ]] || cat /opt/zeros | wc -c' again-1
	expect_out $'only here\n100000\n'
	open_episode alone
	act 'cd /data; rm file; mv inner outer; x=5' alone-1
	env-fork --id replayed alone-1 >/dev/null
	act 'find . /opt; echo $x' replayed-1
	quiet env-close replayed-1
	quiet rollout-replay <<<"$output"
	expect .match '"exact"'
	env-close --all >/dev/null
	diff before <(sum "$copy")
}

@test "a branch on a base of others: what the agent may not look into or change is the base's" {
	[[ $EUID == 0 ]] || skip "only root has files of others to give"
	copy theirs
	cp -L "$(type -P sort)" "$copy/usr/bin/sort"
	mkdir "$copy/secret"
	echo hidden >"$copy/secret/file"
	chown -hR 0:0 "$copy"
	chmod 700 "$copy/secret"
	chmod 1777 "$copy/data"
	own "$copy/opt"
	begin "$(jq -n --arg base "$copy" '{env: {$base}}')"
	act 'cd /opt; echo new >mine; ln -s /data/file link; rm -f /data/file; : >/data/x; : >/var/tmp/x'
	forked same
	act 'cat mine link /secret/file' same-1
	expect '[.stdout, .exit]' '["new\nold\n",1]'
}

@test "an agent that takes its own shell away has lost it, and nobody else has failed" {
	begin "$(jq -n --arg base "$BASE" '{env: {$base}}')"
	act 'echo hello >greeting.txt; rm /usr/bin/bash; exit 3'
	expect .exit 3
	act 'echo lost'
	expect '[.stdout, .exit]' '["",127]'
	tool read_file '{"path": "greeting.txt"}'
	expect .stdout '"hello\n"'
	quiet env-verify e-1
	expect .reward 1
}

@test "a base is given from the task's folder, or from a set's file" {
	fixture_task unit/hello '{"env": {"base": "root"}}'
	cp -a "$BASE" "$T/tasks/unit/hello/root"
	chmod 755 "$T" "$T/tasks" "$T/tasks/unit" "$T/tasks/unit/hello"
	local digest
	digest=$(task-list --json unit | jq -r .digest)
	# What is in it is no part of the task.
	echo more >"$T/tasks/unit/hello/root/data/file"
	[[ $(task-list --json unit | jq -r .digest) == "$digest" ]]
	mkdir "$ROOTS/tasks"
	jq -c '.name = "one" | .env.base = "../base"' "$T/tasks/unit/hello/task.json" >"$ROOTS/tasks/lines.jsonl"
	export PIPEGYM_TASKS=$ROOTS/tasks
	open_episode a lines/one
	act 'cat /data/file' a-1
	expect_out $'old\n'
	mv "$T/tasks/unit" "$ROOTS/tasks/folders"
	open_episode b folders/hello
	act 'cat /data/file' b-1
	expect_out $'more\n'
	rm -rf "$ROOTS/tasks"
}

@test "a base that is gone: status 4 at reset, and no reward of 0 at the end" {
	copy going
	fixture_task unit/hello "$(jq -n --arg base "$copy" '{env: {$base}}')"
	open_episode a
	open_episode b
	act 'echo hello >greeting.txt' a-1
	act 'echo hello >greeting.txt' b-1
	env-verify b-1 | expect .reward 1 "$(cat)"
	mv "$copy" "$copy.away"
	fails 4 env-reset unit/hello
	[[ $stderr == *"task unit/hello: base: $copy: No such file or directory" ]]
	separate env-verify a-1
	[[ $status == 4 ]]
	expect '[.status, .reward]' '["error",null]'
}

@test "no base shows a task: not one that has tasks in it, nor a task's own folder" {
	local place=$ROOTS/show/tasks base
	mkdir -p "$place"
	fixture_task unit/hello
	mv "$T/tasks/unit" "$place/unit"
	mkdir "$place/unit/hello/tests" "$place/unit/hello/root" "$place/unit/roots"
	mkdir "$place/unit/plain"
	export PIPEGYM_TASKS=$place
	try() {
		jq --arg base "$1" '.env.base = $base' "$place/unit/hello/task.json" >"$T/json"
		cp "$T/json" "$place/unit/hello/task.json"
		separate env-reset unit/hello
		echo "$1: $status $stderr"
		[[ $status == 3 ]]
	}
	for base in "$ROOTS" "$ROOTS/show" "$place" "$place/unit" "$place/unit/hello" .. ../.. ../../.. ../hello ../hello/tests \
		"$place/unit/hello/cheats" "$place/unit/hello/files/x" "$place/../tasks/unit" "$place/link"; do
		mkdir -p "$place/unit/hello/cheats" "$place/unit/hello/files/x"
		ln -sfn .. "$place/link"
		try "$base"
		[[ $stderr == *'it would show tasks and their solutions'* ]]
	done
	for base in . tests files/x cheats; do
		try "$base"
		[[ $stderr == *'.env.base: must not be in '* ]]
	done
	# Nor are episodes shown, in which answers and verdicts are.
	mkdir -p "$ROOTS/holds/var"
	PIPEGYM_STATE=$ROOTS/holds/var/state try "$ROOTS/holds"
	[[ $stderr == *'it would show tasks and their solutions, or episodes (those in '*/holds/var/state\)* ]]
	# Further down, and beside a task, there is none: it is refused only for having no shell.
	for base in root ../plain "$place/unit/hello/root"; do
		try "$base"
		[[ $stderr == *'it has no /bin/bash'* ]]
	done
	if [[ $EUID == 0 ]]; then
		# By whatever name: the places' file system and path count.
		mkdir "$ROOTS/alias" "$ROOTS/else"
		jq --arg base "$ROOTS/alias" '.env.base = $base' "$place/unit/hello/task.json" >"$T/json"
		cp "$T/json" "$place/unit/hello/task.json"
		for base in "$ROOTS/show:$ROOTS/alias" "$place/unit/hello:$ROOTS/alias"; do
			fails 3 unshare -m bash -c 'mount --bind "$1" "$2" && env-reset unit/hello' bash "${base%:*}" "${base#*:}"
			[[ $stderr == *'it would show tasks and their solutions'* ]]
		done
		cp -a "$place" "$ROOTS/alias/tasks"
		PIPEGYM_TASKS=$ROOTS/else fails 3 unshare -m bash -c 'mount --bind "$1" "$2" && env-reset unit/hello' bash \
			"$ROOTS/alias/tasks" "$ROOTS/else"
		[[ $stderr == *'it would show tasks and their solutions'* ]]
	fi
}

@test "a base must be a text without a NUL, of 1 to 1024 bytes" {
	local wrong
	for wrong in '""' 1 null '[]' "\"$(printf 'x%.0s' {1..1025})\""; do
		fixture_task unit/hello "{\"env\": {\"base\": $wrong}}"
		fails 3 env-reset unit/hello
		[[ $stderr == *'.env.base: must '* ]]
	done
}

@test "a python check needs python3 in the base" {
	fixture_task unit/hello "$(jq -cn --arg base "$BASE" '{env: {$base}, checks: [{name: "p", type: "python", asserts: ["assert f()"]}]}')"
	quiet env-reset --id p unit/hello
	separate env-verify p-1
	[ "$status" = 4 ]
	expect '[.status, .reward, .reason]' '["error",null,"check p: python3 is not there"]'
}
