/*
 * The names in a folder, for who completes what a person types. Pid 1 looks by
 * itself: a child would take a number that a process of the agent's is to have,
 * and a replay, in which nobody asked, would tell the two apart.
 */
#include "job.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_MAX 20000 /* names that are looked at */

static bool is_folder(const char *folder, const char *name)
{
	char path[8192];
	struct stat st;
	return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && stat(path, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

static bool is_wanted(const char *name, const char *beginning)
{
	return strncmp(name, beginning, strlen(beginning)) == 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int names_list(void)
{
	char path[8192], *operands[8];
	const char *cwd = box.session_cwd[0] ? box.session_cwd : box.spec->cwd;
	struct stat st;
	struct folder folder;
	size_t used = 0;
	/* Without namespaces this process sees more than the agent does. */
	if (box.spec->landlock || command_split(input.payload, input.frame.operands, operands, 8) != 2)
		return 1;
	const char *asked = operands[0], *beginning = operands[1];
	int len = snprintf(path, sizeof path, "%s%s%s", asked[0] == '/' ? "" : cwd, asked[0] == '/' ? "" : "/", asked);
	if (len >= (int)sizeof path || stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 1;
	folder_open(&folder, path);
	for (int i = 0; i < LOOK_MAX; i++) {
		const char *name = folder_next(&folder);
		size_t size = name ? strlen(name) + 2 : 0;
		if (!name || used + size > sizeof output.payload)
			break;
		if (!is_wanted(name, beginning))
			continue;
		output.payload[used] = is_folder(path, name) ? '/' : ' ';
		memcpy(output.payload + used + 1, name, size - 1);
		used += size;
	}
	folder_close(&folder);
	if (used > 0)
		output.frame = (struct box_frame){.op = BOX_OUTPUT, .stream = 1, .len = (uint32_t)used};
	return 0;
}
