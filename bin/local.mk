# bin/NAME is built from bin/NAME.c and links lib/libpipegym.a.
bin_PROGRAMS += \
	bin/agent-oracle \
	bin/box-image \
	bin/box-run \
	bin/env-close \
	bin/env-fork \
	bin/env-list \
	bin/env-play \
	bin/env-reset \
	bin/env-restore \
	bin/env-step \
	bin/env-verify \
	bin/rollout-convert \
	bin/rollout-log \
	bin/rollout-replay \
	bin/rollout-show \
	bin/rollout-stat \
	bin/task-check \
	bin/task-import \
	bin/task-list

bin_env_play_LDADD = $(LDADD) $(EDIT_LIBS)
