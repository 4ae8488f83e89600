noinst_LIBRARIES += lib/libpipegym.a

lib_libpipegym_a_SOURCES = \
	lib/box.c lib/box.h \
	lib/box_connection.h \
	lib/box_run.c \
	lib/box_wire.h \
	lib/branch.c lib/branch.h \
	lib/branch_session.c lib/branch_session.h \
	lib/buf.c lib/buf.h \
	lib/cgroup.c lib/cgroup.h \
	lib/cgroup_find.c \
	lib/check.c lib/check.h \
	lib/check_command.c \
	lib/check_file.c \
	lib/check_text.c \
	lib/digest.c lib/digest.h \
	lib/episode.c lib/episode.h \
	lib/err.c lib/err.h \
	lib/fd.c lib/fd.h \
	lib/gate.c lib/gate.h \
	lib/gate_agent.c lib/gate_agent.h \
	lib/gate_secret.c lib/gate_secret.h \
	lib/grade.c lib/grade.h \
	lib/image.c lib/image.h \
	lib/intake.c lib/intake.h \
	lib/journal.c lib/journal.h \
	lib/json.c lib/json.h \
	lib/json_scan.c lib/json_scan.h \
	lib/json_write.c \
	lib/match.c lib/match.h \
	lib/match_pattern.c lib/match_pattern.h \
	lib/match_program.c lib/match_program.h \
	lib/num.c lib/num.h \
	lib/pack.c lib/pack.h \
	lib/play.c lib/play.h \
	lib/pool.c lib/pool.h \
	lib/probe.c lib/probe.h \
	lib/proc.c lib/proc.h \
	lib/program.c lib/program.h \
	lib/record.c lib/record.h \
	lib/replay.c lib/replay.h \
	lib/reset.c lib/reset.h \
	lib/resources.c lib/resources.h \
	lib/restore.c lib/restore.h \
	lib/show.c lib/show.h \
	lib/step.c lib/step.h \
	lib/stop.c lib/stop.h \
	lib/task.c lib/task.h \
	lib/task_base.c \
	lib/task_checks.c lib/task_checks.h \
	lib/task_field.c lib/task_field.h \
	lib/task_files.c lib/task_files.h \
	lib/task_load.h \
	lib/task_pack.c lib/task_pack.h \
	lib/task_path.c \
	lib/task_schema.c lib/task_schema.h \
	lib/task_set.c lib/task_set.h \
	lib/text.c lib/text.h \
	lib/tool.c lib/tool.h \
	lib/tool_file.c \
	lib/tool_shell.c
