noinst_LIBRARIES += lib/libpipegym.a

lib_libpipegym_a_SOURCES = \
	lib/asciicast.c lib/asciicast.h \
	lib/board.c lib/board.h \
	lib/box.c lib/box.h \
	lib/box_connection.h \
	lib/box_pty.c lib/box_pty.h \
	lib/box_run.c \
	lib/box_wire.h \
	lib/branch.c lib/branch.h \
	lib/buf.c lib/buf.h \
	lib/cgroup.c lib/cgroup.h \
	lib/cgroup_find.c \
	lib/check.c lib/check.h \
	lib/check_cases.c \
	lib/check_command.c \
	lib/check_file.c \
	lib/check_gold.c lib/check_gold.h \
	lib/check_jq.c \
	lib/check_judge.c \
	lib/check_python.c \
	lib/check_sql.c \
	lib/check_text.c \
	lib/check_tree.c \
	lib/chooser.c lib/chooser.h \
	lib/chooser_list.c lib/chooser_list.h \
	lib/convert.c lib/convert.h \
	lib/convert_pairs.c lib/convert_pairs.h \
	lib/convert_source.c lib/convert_source.h \
	lib/convert_tasks.c lib/convert_tasks.h \
	lib/curriculum.c lib/curriculum.h \
	lib/diff.c lib/diff.h \
	lib/digest.c lib/digest.h \
	lib/episode.c lib/episode.h \
	lib/episode_box.c \
	lib/episode_family.c lib/episode_family.h \
	lib/episode_folder.h \
	lib/episode_list.c \
	lib/err.c lib/err.h \
	lib/drawing.c lib/drawing.h \
	lib/eval.c lib/eval.h \
	lib/eval_wire.h \
	lib/fd.c lib/fd.h \
	lib/gate.c lib/gate.h \
	lib/gate_agent.c lib/gate_agent.h \
	lib/gate_secret.c lib/gate_secret.h \
	lib/grade.c lib/grade.h \
	lib/image.c lib/image.h \
	lib/import.c lib/import.h \
	lib/import_assets.c lib/import_assets.h \
	lib/import_class.c lib/import_class.h \
	lib/import_set.c lib/import_set.h \
	lib/import_source.c lib/import_source.h \
	lib/intake.c lib/intake.h \
	lib/intercode.c lib/intercode.h \
	lib/journal.c lib/journal.h \
	lib/journal_history.c \
	lib/json.c lib/json.h \
	lib/json_filter.c \
	lib/json_scan.c lib/json_scan.h \
	lib/json_write.c \
	lib/keeper.c lib/keeper.h \
	lib/keeper_wire.h \
	lib/kind.c lib/kind.h \
	lib/kind_exchange.c lib/kind_exchange.h \
	lib/kind_jq.c \
	lib/kind_program.c \
	lib/kind_set.c lib/kind_text.h \
	lib/layout.c lib/layout.h \
	lib/line.c lib/line.h \
	lib/look.c lib/look.h \
	lib/match.c lib/match.h \
	lib/match_pattern.c lib/match_pattern.h \
	lib/match_program.c lib/match_program.h \
	lib/match_span.c lib/match_span.h \
	lib/match_words.c lib/match_words.h \
	lib/notebook.c lib/notebook.h \
	lib/normalise.c lib/normalise.h \
	lib/normalise_text.c lib/normalise_text.h \
	lib/num.c lib/num.h \
	lib/pack.c lib/pack.h \
	lib/play.c lib/play.h \
	lib/player.c lib/player.h \
	lib/player_branch.c \
	lib/player_command.c \
	lib/player_line.c lib/player_line.h \
	lib/player_loop.c \
	lib/player_pty.c \
	lib/player_scan.c lib/player_scan.h \
	lib/player_show.c \
	lib/player_solution.c \
	lib/player_words.c \
	lib/pool.c lib/pool.h \
	lib/probe.c lib/probe.h \
	lib/proc.c lib/proc.h \
	lib/program.c lib/program.h \
	lib/program_option.c lib/program_option.h \
	lib/record.c lib/record.h \
	lib/relay.c lib/relay.h \
	lib/replay.c lib/replay.h \
	lib/replay_cause.c lib/replay_cause.h \
	lib/replay_compare.c lib/replay_compare.h \
	lib/replay_done.c lib/replay_done.h \
	lib/replay_lines.c lib/replay_lines.h \
	lib/replay_pairs.c lib/replay_pairs.h \
	lib/replay_report.c lib/replay_report.h \
	lib/replay_summary.c lib/replay_summary.h \
	lib/reset.c lib/reset.h \
	lib/reset_programs.c lib/reset_programs.h \
	lib/resources.c lib/resources.h \
	lib/restore.c lib/restore.h \
	lib/selection.c lib/selection.h \
	lib/session.c lib/session.h \
	lib/show.c lib/show.h \
	lib/show_stat.c lib/show_stat.h \
	lib/statistic.c lib/statistic.h \
	lib/show_replay.c \
	lib/show_view.c lib/show_view.h \
	lib/step.c lib/step.h \
	lib/solved.c lib/solved.h \
	lib/step_grade.c \
	lib/step_inside.h \
	lib/start.c lib/start.h \
	lib/instance.c lib/instance.h \
	lib/stop.c lib/stop.h \
	lib/tally.c lib/tally.h \
	lib/tally_compare.c \
	lib/tally_report.c lib/tally_table.h \
	lib/task.c lib/task.h \
	lib/task_base.c \
	lib/task_cases.c lib/task_cases.h \
	lib/task_checks.c lib/task_checks.h \
	lib/task_field.c lib/task_field.h \
	lib/task_files.c lib/task_files.h \
	lib/task_load.h \
	lib/task_instance.c \
	lib/task_pack.c lib/task_pack.h \
	lib/task_path.c \
	lib/task_reward.c lib/task_reward.h \
	lib/task_schema.c lib/task_schema.h \
	lib/task_set.c lib/task_set.h \
	lib/task_sql.c lib/task_sql.h \
	lib/task_workspaces.c lib/task_workspaces.h \
	lib/terminal.c lib/terminal.h \
	lib/text.c lib/text.h \
	lib/tool.c lib/tool.h \
	lib/tool_file.c \
	lib/tool_intercode.c lib/tool_intercode.h \
	lib/tool_pty.c lib/tool_pty.h \
	lib/tool_shell.c \
	lib/transcript.c lib/transcript.h \
	lib/transcript_diff.c \
	lib/transcript_tell.c \
	lib/tree.c lib/tree.h \
	lib/tree_digest.c \
	lib/watch.c lib/watch.h

# Where things are installed is part of them.
lib/proc.$(OBJEXT) lib/task_path.$(OBJEXT): Makefile

# A script without comments as a C string.
AS_STRING = { echo '{' && sed -e '/^ *[\#]/d' -e '/^$$/d' | od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g' && echo '0};'; }

# The scripts of the python check.
PYTHON_CHECK = libexec/python-values.py libexec/python-candidate.py libexec/python-decider.py
EXTRA_DIST += $(PYTHON_CHECK)
lib/generated/python_text.c: $(PYTHON_CHECK) $(srcdir)/lib/local.mk
	@$(MKDIR_P) lib/generated
	$(AM_V_GEN)for part in candidate decider; do \
		echo "extern const char check_python_$$part[]; const char check_python_$$part[] =" && \
		cat '$(srcdir)/libexec/python-values.py' "$(srcdir)/libexec/python-$$part.py" | $(AS_STRING) || exit 1; \
	done >$@-new && mv $@-new $@

# The script of the sql check.
EXTRA_DIST += libexec/sql.py
lib/generated/sql_text.c: libexec/sql.py $(srcdir)/lib/local.mk
	@$(MKDIR_P) lib/generated
	$(AM_V_GEN){ \
		echo 'extern const char check_sql_script[]; const char check_sql_script[] =' && \
		$(AS_STRING) <'$(srcdir)/libexec/sql.py'; \
	} >$@-new && mv $@-new $@

# The programs behind the program protocol: each is its texts, one after the other.
PROGRAM_GYM = libexec/protocol.py libexec/gym-stand-in.py libexec/gym-adapter.py
PROGRAM_GYM_TASK = libexec/protocol.py libexec/gym-stand-in.py libexec/gym-tools.py libexec/gym-task.py libexec/gym-adapter.py
PROGRAM_NOTEBOOK = libexec/protocol.py libexec/notebook-outputs.py libexec/notebook-cells.py libexec/notebook-kernels.py \
	libexec/notebook.py
PROGRAM_SQL = libexec/protocol.py libexec/sql-shell.py
EXTRA_DIST += $(PROGRAM_GYM_TASK) $(PROGRAM_NOTEBOOK) $(PROGRAM_SQL)
lib/generated/kind_text.c: $(PROGRAM_GYM_TASK) $(PROGRAM_NOTEBOOK) $(PROGRAM_SQL) $(srcdir)/lib/local.mk
	@$(MKDIR_P) lib/generated
	$(AM_V_GEN)script() { \
		echo "const char kind_text_$$1[] =" && shift && \
		for part; do cat "$(srcdir)/$$part" || return; done | $(AS_STRING); \
	}; \
	{ echo '#include "kind_text.h"' && script gym $(PROGRAM_GYM) && script gym_task $(PROGRAM_GYM_TASK) && \
		script notebook $(PROGRAM_NOTEBOOK) && script sql $(PROGRAM_SQL); } >$@-new && mv $@-new $@

nodist_lib_libpipegym_a_SOURCES = lib/generated/convert_text.c lib/generated/import_text.c lib/generated/kind_text.c \
	lib/generated/python_text.c lib/generated/sql_text.c
CLEANFILES += $(nodist_lib_libpipegym_a_SOURCES)

# The formats of task-import: a table of jq programs. To add one, add its file and its name.
IMPORT_FORMATS = apps codecraft codegym harbor humaneval intercode mbpp
IMPORT_JQ = lib/import/common.jq \
	lib/import/apps.jq lib/import/codecraft.jq lib/import/codegym.jq lib/import/harbor.jq \
	lib/import/humaneval.jq lib/import/intercode.jq lib/import/mbpp.jq
EXTRA_DIST += $(IMPORT_JQ)
lib/generated/import_text.c: $(IMPORT_JQ) $(srcdir)/lib/local.mk
	@$(MKDIR_P) lib/generated
	$(AM_V_GEN){ \
		echo '#include "import.h"' && \
		for format in $(IMPORT_FORMATS); do \
			echo "static const char $${format}[] =" && \
			{ cat '$(srcdir)/lib/import/common.jq' "$(srcdir)/lib/import/$$format.jq" && \
				echo '. as $$in | try convert catch {id: ($$in | any_id), refuse: tostring}'; } | $(AS_STRING) || exit 1; \
		done && \
		echo 'const struct import_format import_formats[] = {' && \
		for format in $(IMPORT_FORMATS); do echo "{\"$$format\", $$format},"; done && \
		echo '{0}};'; \
	} >$@-new && mv $@-new $@

# Those of rollout-convert, in the same way; dpo has sft before it.
CONVERT_FORMATS = atif codecraft dpo gymnasium intercode nemo openai pipegym sft
CONVERT_JQ = lib/convert/common.jq \
	lib/convert/atif.jq lib/convert/codecraft.jq lib/convert/dpo.jq lib/convert/gymnasium.jq lib/convert/intercode.jq \
	lib/convert/nemo.jq lib/convert/openai.jq lib/convert/pipegym.jq lib/convert/sft.jq
EXTRA_DIST += $(CONVERT_JQ)
lib/generated/convert_text.c: $(CONVERT_JQ) $(srcdir)/lib/local.mk
	@$(MKDIR_P) lib/generated
	$(AM_V_GEN){ \
		echo '#include "convert.h"' && echo 'const char convert_common[] =' && \
		$(AS_STRING) <'$(srcdir)/lib/convert/common.jq' && \
		for format in $(CONVERT_FORMATS); do \
			before= && if test $$format = dpo; then before='$(srcdir)/lib/convert/sft.jq'; fi && \
			echo "static const char $${format}[] =" && \
			{ cat $$before "$(srcdir)/lib/convert/$$format.jq" | $(AS_STRING); } || exit 1; \
		done && \
		echo 'const struct convert_format convert_formats[] = {' && \
		for format in $(CONVERT_FORMATS); do echo "{\"$$format\", $$format},"; done && \
		echo '{0}};'; \
	} >$@-new && mv $@-new $@
