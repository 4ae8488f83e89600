# A page per program, and four for the whole. Their examples run as tests: test/man.bats.
dist_man_MANS += \
	man/agent-oracle.1 \
	man/box-image.1 \
	man/box-run.1 \
	man/env-close.1 \
	man/env-fork.1 \
	man/env-list.1 \
	man/env-play.1 \
	man/env-reset.1 \
	man/env-restore.1 \
	man/env-step.1 \
	man/env-verify.1 \
	man/pipegym-box.7 \
	man/pipegym-record.5 \
	man/pipegym-task.5 \
	man/pipegym.7 \
	man/rollout-convert.1 \
	man/rollout-log.1 \
	man/rollout-replay.1 \
	man/rollout-show.1 \
	man/rollout-stat.1 \
	man/task-check.1 \
	man/task-import.1 \
	man/task-list.1
