# What bash and zsh complete, made of the programs' own --help: nothing of it is written twice.
COMPLETION = completion/generate completion/values.sh
EXTRA_DIST += $(COMPLETION) completion/complete.bash completion/complete.zsh

# Bash looks for a file of the program's name, zsh for one that names all programs.
if BASH_COMPLETION
bashcompletion_DATA = completion/pipegym
BASH_COMPLETION_LINKS = $(bin_PROGRAMS:bin/%=%)
endif
if ZSH_COMPLETION
zshcompletion_DATA = completion/_pipegym
endif
CLEANFILES += completion/pipegym completion/_pipegym

completion/pipegym: $(bin_PROGRAMS) $(COMPLETION) completion/complete.bash
	@$(MKDIR_P) completion
	$(AM_V_GEN)$(srcdir)/completion/generate bash $(bin_PROGRAMS) >$@-new && mv $@-new $@
completion/_pipegym: $(bin_PROGRAMS) $(COMPLETION) completion/complete.zsh
	@$(MKDIR_P) completion
	$(AM_V_GEN)$(srcdir)/completion/generate zsh $(bin_PROGRAMS) >$@-new && mv $@-new $@

install-data-hook: install-completion
uninstall-hook: uninstall-completion

.PHONY: install-completion uninstall-completion
install-completion:
	for program in $(BASH_COMPLETION_LINKS); do \
		ln -sf pipegym "$(DESTDIR)$(bashcompletiondir)/$$program" || exit; \
	done
uninstall-completion:
	cd '$(DESTDIR)$(bashcompletiondir)' 2>/dev/null && rm -f $(BASH_COMPLETION_LINKS) || :
