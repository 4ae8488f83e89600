#!/usr/bin/env bats
# Real commands: the gold commands of 60 tasks of InterCode, where its data is at hand (PIPEGYM_DATA, or ../shared/data
# beside the source tree); and the rewards of recorded rollouts: of all of them with PIPEGYM_DATA_ALL=1, which takes
# some minutes, else of those of 7 tasks.

load helper
load episode

setup() {
	common_setup
	need_box
	data=${PIPEGYM_DATA:-$SRC/../shared/data}/intercode
	if [ ! -r "$data/nl2bash_fs_1.json" ] || [ ! -r "$data/fs_1.tar.gz" ]; then
		skip "no data of InterCode (PIPEGYM_DATA): there is no $data"
	fi
	mkdir -p tasks
	task-import intercode "$data/nl2bash_fs_1.json" --assets "$data/fs_1.tar.gz" -o tasks/intercode.jsonl >report
	export PIPEGYM_TASKS=$T/tasks
}

# But for the twelfth, which goes on in the background: what it finds, and whether it is done, is another thing each time.
@test "each gold command runs in a box, and passes" {
	local count
	count=$(jq length "$data/nl2bash_fs_1.json")
	[ "$(task-list | wc -l)" = "$count" ]
	task-list | env-reset -j 2 --id ic | agent-oracle | env-step -j 2 >observations && local statuses="${PIPESTATUS[*]}"
	[ "$statuses" = '0 0 0 0' ]
	[ "$(wc -l <observations)" = "$((2 * count))" ]
	# An exit status each; nobody exceeded a limit, lost the shell, or was refused.
	expect '[.[] | select(.type != "observation" or (.tool == "shell" and (.exit | type) != "number") or has("error") or (.info | has("shell") or has("limit")))]' '[]' \
		"$(jq -s . observations)"
	expect '[.[] | select(.tool == "submit" and .reward != 1 and (.task | endswith("-012") | not))]' '[]' "$(jq -s . observations)"
	# Most of them find something.
	expect '[.[] | select(.tool == "shell" and .exit == 0 and (.stdout | length > 0))] | length > 40' true "$(jq -s . observations)"
	env-close --all -j 2 >rollouts
	[ "$(wc -l <rollouts)" = "$count" ]
}

@test "the tree that they start from is the archive's" {
	quiet env-reset --id t intercode/nl2bash_fs_1-001
	mkdir tree
	tar -xzf "$data/fs_1.tar.gz" -C tree
	act 'find . -type f -exec sha256sum {} + | sort; find . -type d | sort; find . -type f -perm -100 | sort' t-1
	(
		cd tree/testbed
		find . -type f -exec sha256sum {} + | sort
		find . -type d | sort
		find . -type f -perm -100 | sort
	) >expected
	[ "$(field .stdout)" = "$(cat expected)" ]
}

@test "the rewards of recorded rollouts are recomputed" {
	local counts
	if [ -z "$(find "$data" -name 'rollouts_*.json')" ]; then
		skip "no rollouts: $data has none"
	fi
	"$SRC/test/intercode-rewards" tasks "$data" <tasks/intercode.jsonl >rewards.jsonl
	mv rewards.jsonl tasks/intercode.jsonl
	task-list | awk -v all="${PIPEGYM_DATA_ALL:-0}" 'all != 0 || NR % 8 == 4' | env-reset -n 2 >resets
	"$SRC/test/intercode-rewards" actions "$data" resets | env-step -j 2 >observations
	counts=$("$SRC/test/intercode-rewards" compare "$data" resets observations)
	echo "# $counts" >&3
	expect '.decided >= 0.7 * .turns and .decided == .agree' true "$counts"
}
