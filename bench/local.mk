# What our figures are measured against: built by make bench only.
BENCH_PEERS = bench/jqenv bench/jvcat bench/loop bench/namespaces bench/output bench/shells bench/spawn
EXTRA_PROGRAMS += $(BENCH_PEERS)
bench_jqenv_SOURCES = bench/jqenv.c bench/clock.h
bench_jvcat_SOURCES = bench/jvcat.c
bench_loop_SOURCES = bench/loop.c bench/clock.h
bench_namespaces_SOURCES = bench/namespaces.c bench/clock.h
bench_output_SOURCES = bench/output.c bench/clock.h
bench_shells_SOURCES = bench/shells.c bench/clock.h
bench_spawn_SOURCES = bench/spawn.c bench/clock.h
bench_jqenv_LDADD = $(JQ_LIBS)
bench_jvcat_LDADD = $(JQ_LIBS)
bench_loop_LDADD =
bench_namespaces_LDADD =
bench_output_LDADD =
bench_shells_LDADD =
bench_spawn_LDADD =

EXTRA_DIST += bench/class.py bench/run

.PHONY: bench
bench: all $(BENCH_PEERS)
	@$(TEST_ENVIRONMENT) $(BASH_PROGRAM) $(srcdir)/bench/run
