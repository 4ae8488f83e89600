# What our figures are measured against: built by make bench only.
EXTRA_PROGRAMS += bench/jvcat bench/loop bench/namespaces bench/spawn
bench_jvcat_SOURCES = bench/jvcat.c
bench_loop_SOURCES = bench/loop.c
bench_namespaces_SOURCES = bench/namespaces.c
bench_spawn_SOURCES = bench/spawn.c
bench_jvcat_LDADD = $(JQ_LIBS)
bench_loop_LDADD =
bench_namespaces_LDADD =
bench_spawn_LDADD =

EXTRA_DIST += bench/run

.PHONY: bench
bench: all bench/jvcat bench/loop bench/namespaces bench/spawn
	@$(TEST_ENVIRONMENT) $(BASH_PROGRAM) $(srcdir)/bench/run
