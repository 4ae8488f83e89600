# _pipegym_field FIELD PROGRAM [ARG...]: that field of each record which the program prints, or its elements, each once. What has a
# character that could mean anything to a shell is left out: no name of a task or an episode has one.
_pipegym_field() {
	local field=$1
	shift
	timeout -k 1 5 "$@" --json --quiet 2>/dev/null </dev/null | LC_ALL=C awk -v key="\"$field\":" '
		BEGIN { value = "\"[A-Za-z0-9._/-]+\"" }
		match($0, key "(" value "|[[](" value ",?)+)") {
			count = split(substr($0, RSTART + length(key), RLENGTH - length(key)), part, /[^A-Za-z0-9._\/-]+/)
			for (i = 1; i <= count; i++)
				if (part[i] != "" && !seen[part[i]]++)
					print part[i]
		}'
}

# _pipegym_values ARGUMENT [-T DIR]: what an argument can be, a line each, as far as there is a list of it.
_pipegym_values() {
	local argument=$1
	shift
	case $argument in
	*=*) printf '%s\n' "${argument#*=}" | tr '|' '\n' ;;
	esac
	case ${argument%%=*} in
	EPISODE)
		_pipegym_field episode env-list
		_pipegym_field episode env-list --dead
		;;
	TASK) _pipegym_field id task-list --missing "$@" ;;
	SET) _pipegym_field id task-list --missing "$@" | sed 's|/.*||' | uniq ;;
	PATTERN)
		_pipegym_values SET "$@"
		_pipegym_values TASK "$@"
		;;
	CATEGORY) _pipegym_field category task-list --missing "$@" ;;
	TAG) _pipegym_field tags task-list --missing "$@" ;;
	NAMES) _pipegym_field name rollout-replay --list-normalisers ;;
	esac
}

