# _pipegym_reply WORD ARGUMENT [-T DIR]: adds what the word can become as that argument.
_pipegym_reply() {
	local word=$1 argument=$2 list='' action='' value
	shift 2
	case ${argument%%=*} in
	DIR) action=directory ;;
	FILE | PLACE | SOURCE | SRC:DST | ARG) action='file' ;;
	COMMAND) [[ $word == */* ]] && action='file' || action='command' ;;
	FIELDS | NAMES) list=${word%"${word##*,}"} ;;
	esac
	if [[ -n $action ]]; then
		[[ $action == command ]] || compopt -o filenames 2>/dev/null
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -A "$action" -- "$word")
		return
	fi
	while IFS= read -r value; do
		[[ $list$value != "$word"* ]] || COMPREPLY+=("$list$value")
	done < <(_pipegym_values "$argument" "$@")
}

_pipegym() {
	local IFS=$' \t\n' word program letter name argument option='' operands_only='' place=0 i
	local -a line=("$1") names=() operands=() tasks=()
	local -A takes=()
	COMPREPLY=()
	while read -r program letter name argument _; do
		if [[ $program != "${1##*/}" ]]; then
			continue
		elif [[ $name == - ]]; then
			operands+=("$argument")
		else
			names+=("$name")
			takes[$letter]=$argument takes[$name]=$argument
		fi
	done < <(_pipegym_table)

	# "=" and ":" are words of their own to bash.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == [:=]* || ${COMP_WORDS[i - 1]} == [:=]* ]]; then
			line[-1]+=${COMP_WORDS[i]}
		else
			line+=("${COMP_WORDS[i]}")
		fi
	done
	for ((i = 1; i < ${#line[@]} - 1; i++)); do
		word=${line[i]}
		if [[ -n $option ]]; then
			[[ $option != -T && $option != --tasks ]] || tasks=(-T "${word/#\~\//$HOME/}")
			option=''
		elif [[ $word == -- ]]; then
			operands_only=yes
		elif [[ $word == -?* && -z $operands_only ]]; then
			# What can be left out, "[FILE]", is no word of its own.
			[[ ${takes[$word]-} != [A-Z]* ]] || option=$word
		else
			((++place))
			# Behind a command nothing is ours.
			[[ ${operands[0]-} != COMMAND ]] || operands=(ARG) operands_only=yes
		fi
	done

	word=$2 argument=''
	if [[ -n $option ]]; then
		argument=${takes[$option]}
	elif [[ ${line[-1]} == --*=* && -z $operands_only ]]; then
		option=${line[-1]%%=*}
		argument=${takes[$option]-}
	elif [[ $word == -* && -z $operands_only ]]; then
		mapfile -t COMPREPLY < <(compgen -W "${names[*]}" -- "$word")
	elif ((${#operands[@]})); then
		argument=${operands[place < ${#operands[@]} ? place : -1]}
	fi
	for argument in ${argument//[][,]/ }; do
		_pipegym_reply "$word" "$argument" "${tasks[@]}"
	done
}

