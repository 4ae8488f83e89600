# The box helper: no JSON and nothing of lib/ but its wire and pack formats.
# Linked statically where that works (BOX_LDFLAGS).
pkglibexec_PROGRAMS += libexec/pipegym-box

libexec_pipegym_box_SOURCES = \
	libexec/base.c \
	libexec/box-init.c \
	libexec/command.c \
	libexec/etc.c \
	libexec/files.c \
	libexec/filter.c \
	libexec/group.c \
	libexec/helper.h \
	libexec/job.c \
	libexec/job.h \
	libexec/landlock.c \
	libexec/names.c \
	libexec/process.c \
	libexec/serve.c \
	libexec/session.c \
	libexec/setup.c \
	libexec/slot.c \
	libexec/unpack.c \
	libexec/watch.c \
	libexec/worker.c \
	libexec/workspaces.c
# Each variable can be placed by itself: see PAGED in helper.h.
libexec_pipegym_box_CFLAGS = $(AM_CFLAGS) -fdata-sections
libexec_pipegym_box_LDFLAGS = $(BOX_LDFLAGS) $(VARIANT_CFLAGS)
libexec_pipegym_box_LDADD = $(SECCOMP_LIBS) $(MD_LIBS)

# The jq child: a program of its own because of what it runs.
pkglibexec_PROGRAMS += libexec/pipegym-jq

libexec_pipegym_jq_SOURCES = libexec/jq-child.c
# In one line, as it comes before an environment's first.
EXTRA_DIST += libexec/environment.jq
nodist_libexec_pipegym_jq_SOURCES = lib/generated/environment_text.c
CLEANFILES += $(nodist_libexec_pipegym_jq_SOURCES)
lib/generated/environment_text.c: libexec/environment.jq $(srcdir)/lib/local.mk
	@$(MKDIR_P) lib/generated
	$(AM_V_GEN){ \
		echo 'extern const char jq_environment_library[]; const char jq_environment_library[] =' && \
		sed '/^ *\#/d' '$(srcdir)/libexec/environment.jq' | tr '\n' ' ' | $(AS_STRING); \
	} >$@-new && mv $@-new $@
if SANITIZED
# Its limits and its ways to die are of another world than a sanitizer's.
libexec_pipegym_jq_SOURCES += lib/buf.c lib/err.c lib/json.c lib/json_filter.c lib/json_scan.c lib/json_write.c lib/text.c
libexec_pipegym_jq_CFLAGS = -std=gnu11 $(WARNING_CFLAGS) -fPIE
libexec_pipegym_jq_LDFLAGS = -pie
libexec_pipegym_jq_LDADD = $(JQ_LIBS) $(SECCOMP_LIBS) -lm
else
libexec_pipegym_jq_CFLAGS = $(AM_CFLAGS)
libexec_pipegym_jq_LDFLAGS = $(AM_LDFLAGS)
libexec_pipegym_jq_LDADD = lib/libpipegym.a $(JQ_LIBS) $(SECCOMP_LIBS) -lm
endif

# What keeps a command outside of boxes.
pkglibexec_PROGRAMS += libexec/pipegym-keep

libexec_pipegym_keep_SOURCES = libexec/keep.c
libexec_pipegym_keep_LDADD =
