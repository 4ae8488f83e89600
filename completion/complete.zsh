# _pipegym_argument ARGUMENT: completes one. It can be a name of the table, or several with commas between.
_pipegym_argument() {
	local argument tasks=${(Q)${opt_args[-T]-${opt_args[--tasks]-}}} ret=1
	local -a expl values
	tasks=${tasks/#\~\//$HOME/}
	for argument in ${(s:,:)1}; do
		case ${argument%%=*} in
		(DIR)
			compset -P '*:'
			_directories && ret=0
			;;
		(FILE | PLACE | SOURCE | SRC:DST)
			compset -P '*:'
			_files && ret=0
			;;
		(*)
			[[ $argument != (FIELDS|NAMES)* ]] || compset -P '*,'
			values=(${(f)"$(_pipegym_values $argument ${tasks:+-T} $tasks)"})
			if (( $#values )); then
				_wanted values expl ${argument%%=*} compadd -- $values && ret=0
			else
				_message ${argument%%=*}
			fi
			;;
		esac
	done
	return ret
}

_pipegym() {
	local program letter name argument help action place
	local -a specs operands both
	_pipegym_table | while read -r program letter name argument help; do
		[[ $program == $service ]] || continue
		if [[ $name == - ]]; then
			operands+=($argument)
			continue
		fi
		help="[${${${help//\\/\\\\}//\[/\\[}//\]/\\]}]"
		action="$(_pipegym_action ${argument//[][]})"
		letter=${letter:#-}
		both=($letter $name)
		if [[ $name == --(help|version) ]]; then
			specs+=("(- : *)"$^both$help)
		elif [[ $argument == - ]]; then
			specs+=("($both)"$^both$help)
		elif [[ $argument == '['* ]]; then
			specs+=("$name=-$help:$action")
		else
			specs+=(${letter:+"*$letter+$help$action"} "*$name=$help$action")
		fi
	done
	if [[ $operands[1] == COMMAND ]]; then
		specs+=('(-)1:command: _command_names -e' '*::argument: _normal')
	else
		for ((place = 1; place < $#operands; place++)); do
			specs+=("$place$(_pipegym_action $operands[place])")
		done
		specs+=(${operands:+"*$(_pipegym_action $operands[-1])"})
	fi
	_arguments -s -S : $specs
}

# How _arguments wants it said.
_pipegym_action() {
	print -r -- ":${${1%%=*}//:/\\:}: _pipegym_argument ${${(q)1}//:/\\:}"
}

_pipegym "$@"
