# The sets of tasks, distributed and installed as they are: folders, links and
# executable bits are part of a task.
TASKS_PACK = tar -c -f - --exclude=local.mk --exclude='*~' --exclude=__pycache__ \
	--owner=0 --group=0 --mode=u+w,go-w,a+rX tasks
TASKS_UNPACK = tar -x -p -f - --no-same-owner

EXTRA_DIST += tasks/local.mk

dist-hook: dist-tasks
install-data-hook: install-tasks
uninstall-hook: uninstall-tasks

.PHONY: dist-tasks install-tasks uninstall-tasks
dist-tasks:
	(cd $(srcdir) && $(TASKS_PACK)) | (cd $(distdir) && $(TASKS_UNPACK))
install-tasks:
	$(MKDIR_P) '$(DESTDIR)$(pkgdatadir)'
	(cd $(srcdir) && $(TASKS_PACK)) | (cd '$(DESTDIR)$(pkgdatadir)' && $(TASKS_UNPACK))
# No more than was installed: a set of another origin stays.
uninstall-tasks:
	(cd $(srcdir) && $(TASKS_PACK)) | tar -t -f - --quoting-style=literal | LC_ALL=C sort -r | \
		(cd '$(DESTDIR)$(pkgdatadir)' && xargs -d '\n' rm -d -f --) 2>/dev/null || :
