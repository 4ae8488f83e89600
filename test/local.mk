# Modules' tests in C print TAP; each is test/unit/NAME_test.c.
UNIT_TESTS += \
	test/unit/asciicast_test \
	test/unit/buf_test \
	test/unit/chooser_test \
	test/unit/diff_test \
	test/unit/digest_test \
	test/unit/drawing_test \
	test/unit/err_test \
	test/unit/eval_test \
	test/unit/fd_test \
	test/unit/intercode_test \
	test/unit/journal_test \
	test/unit/json_test \
	test/unit/keeper_test \
	test/unit/layout_test \
	test/unit/line_test \
	test/unit/match_test \
	test/unit/notebook_test \
	test/unit/normalise_test \
	test/unit/num_test \
	test/unit/pack_test \
	test/unit/player_test \
	test/unit/pool_test \
	test/unit/proc_test \
	test/unit/program_test \
	test/unit/record_test \
	test/unit/replay_cause_test \
	test/unit/show_test \
	test/unit/solved_test \
	test/unit/statistic_test \
	test/unit/stop_test \
	test/unit/tally_test \
	test/unit/task_test \
	test/unit/terminal_test \
	test/unit/text_test \
	test/unit/tool_test \
	test/unit/tree_test

# A fuzz target is built twice: for make check with a main() that plays its
# corpus, and by make fuzz with libFuzzer.
FUZZERS += \
	test/fuzz/action_fuzz \
	test/fuzz/drawing_fuzz \
	test/fuzz/journal_fuzz \
	test/fuzz/json_fuzz \
	test/fuzz/match_fuzz \
	test/fuzz/pick_fuzz \
	test/fuzz/normalise_fuzz \
	test/fuzz/record_fuzz \
	test/fuzz/task_fuzz \
	test/fuzz/text_fuzz \
	test/fuzz/tree_fuzz
test_fuzz_action_fuzz_SOURCES = test/fuzz/action_fuzz.c test/fuzz/main.c
test_fuzz_drawing_fuzz_SOURCES = test/fuzz/drawing_fuzz.c test/fuzz/main.c
test_fuzz_journal_fuzz_SOURCES = test/fuzz/journal_fuzz.c test/fuzz/main.c
test_fuzz_json_fuzz_SOURCES = test/fuzz/json_fuzz.c test/fuzz/main.c
test_fuzz_match_fuzz_SOURCES = test/fuzz/match_fuzz.c test/fuzz/main.c
test_fuzz_pick_fuzz_SOURCES = test/fuzz/pick_fuzz.c test/fuzz/main.c
test_fuzz_normalise_fuzz_SOURCES = test/fuzz/normalise_fuzz.c test/fuzz/main.c
test_fuzz_record_fuzz_SOURCES = test/fuzz/record_fuzz.c test/fuzz/main.c
test_fuzz_task_fuzz_SOURCES = test/fuzz/task_fuzz.c test/fuzz/main.c
test_fuzz_text_fuzz_SOURCES = test/fuzz/text_fuzz.c test/fuzz/main.c
test_fuzz_tree_fuzz_SOURCES = test/fuzz/tree_fuzz.c test/fuzz/main.c

BATS_TESTS += \
	test/agent-oracle.bats \
	test/attacks.bats \
	test/box-base.bats \
	test/box-cgroup.bats \
	test/box-escape.bats \
	test/box-faults.bats \
	test/box-floods.bats \
	test/box-image.bats \
	test/box-landlock.bats \
	test/box-limits.bats \
	test/box-run.bats \
	test/box-view.bats \
	test/box.bats \
	test/check-cases.bats \
	test/check-jq.bats \
	test/check-judge.bats \
	test/check-python.bats \
	test/check-sql.bats \
	test/clean-up.bats \
	test/completion.bats \
	test/conformance.bats \
	test/crash.bats \
	test/env-close.bats \
	test/env-fork.bats \
	test/env-list.bats \
	test/env-play-screen.bats \
	test/env-play.bats \
	test/env-reset.bats \
	test/env-restore.bats \
	test/env-step.bats \
	test/env-verify.bats \
	test/generate.bats \
	test/grade.bats \
	test/install.bats \
	test/intercode.bats \
	test/kind-jq.bats \
	test/kind-notebook.bats \
	test/kind-program.bats \
	test/man.bats \
	test/pipeline.bats \
	test/program-scripts.bats \
	test/pty.bats \
	test/records.bats \
	test/referee.bats \
	test/rewards.bats \
	test/rollout-convert.bats \
	test/rollout-log.bats \
	test/rollout-replay.bats \
	test/rollout-show.bats \
	test/rollout-stat.bats \
	test/session-limits.bats \
	test/session.bats \
	test/task-check.bats \
	test/task-import.bats \
	test/task-list.bats \
	test/tools.bats \
	test/tree.bats \
	test/workspaces.bats

EXTRA_DIST += \
	$(BATS_TESTS) \
	test/helper.bash test/episode.bash test/grading.bash test/terminal.bash test/unit/pty.h test/unit/tap.h test/unit/value.h test/fuzz/fuzz.h \
	test/atif-check test/intercode-rewards test/record-check test/programs \
	test/run test/sit test/torture test/demo.sh test/coverage \
	test/fuzz/run test/fuzz/corpus \
	test/lint

# What box-escape.bats runs in a box: with no sanitizer, whose memory is more than a box has.
test_probe_calls_SOURCES = test/probe/calls.c test/probe/numbers.h
test_probe_calls_CFLAGS = -std=gnu11 $(WARNING_CFLAGS)
test_probe_calls_LDFLAGS =

# Started for each look at a record: with a sanitizer it takes as long as jq.
test_quick_SOURCES = test/quick.c lib/buf.c lib/err.c lib/fd.c lib/json.c lib/json_scan.c lib/json_write.c lib/num.c lib/text.c
test_quick_CFLAGS = -std=gnu11 $(WARNING_CFLAGS) -fPIE
test_quick_LDFLAGS = -pie
test_quick_LDADD = $(JQ_LIBS) -lm

# What box-faults.bats makes fail.
test_probe_fault_SOURCES = test/probe/fault.c
test_probe_fault_LDADD = $(SECCOMP_LIBS)

# A person's step on a terminal, for pty.bats.
test_probe_attend_SOURCES = test/probe/attend.c

check_PROGRAMS += test/contain test/quick test/probe/attend test/probe/calls test/probe/fault $(UNIT_TESTS) $(FUZZERS)

# make check T="test/env-step.bats test/unit/buf_test" runs only these.
T = $(LONG_TESTS) $(filter-out $(LONG_TESTS),$(UNIT_TESTS) $(FUZZERS) $(BATS_TESTS))
# First, not to be waited for at the end.
LONG_TESTS = test/pipeline.bats test/task-check.bats test/man.bats test/attacks.bats test/box-faults.bats test/clean-up.bats

TEST_ENVIRONMENT = \
	PIPEGYM_SRC='$(abs_top_srcdir)' \
	PIPEGYM_BUILD='$(abs_top_builddir)' \
	PIPEGYM_BIN='$(abs_top_builddir)/bin' \
	PIPEGYM_LIBEXEC='$(abs_top_builddir)/libexec' \
	PIPEGYM_PROGRAMS='$(bin_PROGRAMS:bin/%=%)'

check-local: all
	@$(TEST_ENVIRONMENT) $(BASH_PROGRAM) $(srcdir)/test/run $(T)

.PHONY: check-full demo lint fuzz coverage torture
# With what takes long: all tasks that ship, examples with all of them, the greatest sizes.
check-full:
	@PIPEGYM_TEST_FULL=1 $(MAKE) check

demo: all
	@$(TEST_ENVIRONMENT) $(BASH_PROGRAM) $(srcdir)/test/demo.sh

# Crashes at random moments, some hundred of each kind: make torture ROUNDS=1000 SEED=1 KINDS="step box"
torture: all test/contain
	@$(TEST_ENVIRONMENT) $(BASH_PROGRAM) $(srcdir)/test/torture $(KINDS)

lint:
	@$(TEST_ENVIRONMENT) CC='$(CC)' $(BASH_PROGRAM) $(srcdir)/test/lint/run

fuzz:
	@$(TEST_ENVIRONMENT) $(BASH_PROGRAM) $(srcdir)/test/fuzz/run $(FUZZERS)

# The counters are of another build: a copy of the tree, made as make dist would.
coverage:
	@rm -rf coverage
	@$(MAKE) -s distdir distdir=coverage
	@cd coverage && ./configure -q --enable-coverage && $(MAKE) -s check T='$(T)'; status=$$?; \
		$(TEST_ENVIRONMENT) GCOV='$(GCOV)' $(BASH_PROGRAM) '$(abs_srcdir)/test/coverage' '$(abs_builddir)/coverage' && \
		exit $$status

mostlyclean-local:
	rm -rf test/log test/fuzz/build coverage
	find bin lib libexec test -name '*.gc??' -exec rm -f {} +
