/* The files of /etc without which names of users and hosts lead nowhere. */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGENT_USER "agent:x:1000:1000:agent:/home/agent:/bin/bash\n"
#define AGENT_GROUP "agent:x:1000:\n"
#define KEPT_MAX (64u << 10) /* bytes of a base's passwd or group; a longer one stays as it is */

static const struct {
	const char *path, *text;
	const char *line; /* what a base's own gets if it has nobody with the id 1000; "": stays; NULL: gives way */
} files[] = {
        {"etc/passwd",
         "root:x:0:0:root:/root:/usr/sbin/nologin\n" AGENT_USER
         "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
         AGENT_USER},
        {"etc/group", "root:x:0:\n" AGENT_GROUP "nogroup:x:65534:\n", AGENT_GROUP},
        {"etc/hosts", "127.0.0.1 localhost box\n::1 localhost\n", NULL},
        {"etc/hostname", "box\n", NULL},
        {"etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n", ""},
};

/* Whether a line's third field is 1000. */
static bool has_agent(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		const char *end = line + strcspn(line, "\n"), *field = strchr(line, ':');
		field = field && field < end ? strchr(field + 1, ':') : NULL;
		if (field && field < end && strncmp(field, ":1000:", 6) == 0)
			return true;
	}
	return false;
}

/* Its frame is large, and is not to be on the stack of a box without a base. 1 when the file stays or is completed; -1
 * when that failed. */
__attribute__((noinline)) static int keep(int fd, const char *path, const char *line)
{
	char text[KEPT_MAX + 128];
	ssize_t len = 0, n = 0;
	if (!*line)
		return 1;
	while (len < (ssize_t)KEPT_MAX && (n = read(fd, text + len, KEPT_MAX - (size_t)len)) > 0)
		len += n;
	if (n < 0)
		return -1;
	if (len == KEPT_MAX)
		return 1;
	text[len] = '\0';
	if (strlen(text) != (size_t)len || has_agent(text))
		return 1;
	snprintf(text + len, sizeof text - (size_t)len, "%s%s", len > 0 && text[len - 1] != '\n' ? "\n" : "", line);
	return write_file(path, text, O_CREAT | O_EXCL) < 0 ? -1 : 1;
}

const char *make_etc(void)
{
	if (!base_taken() && mkdir("etc", 0755) < 0)
		return "make /etc";
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		int fd = base_taken() && files[i].line ? base_open(files[i].path) : -1;
		int kept = 0;
		if (fd < 0 && base_taken() && files[i].line && host_failed(errno))
			return "make /etc";
		if (fd >= 0) {
			kept = keep(fd, files[i].path, files[i].line);
			close(fd);
		}
		if (kept < 0 || (!kept && write_file(files[i].path, files[i].text, O_CREAT | O_EXCL) < 0))
			return "make /etc";
	}
	return NULL;
}
