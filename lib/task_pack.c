#include "task_pack.h"

void task_pack_add(struct pack *pack, const struct task_file *file)
{
	if (file->folder)
		pack_add_folder(pack, file->path);
	else if (file->link)
		pack_add_link(pack, file->path, file->link);
	else
		pack_add_file(pack, file->path, file->data, file->len, file->executable);
}

static int pack_visit(const struct task_file *file, void *context, struct err *err)
{
	(void)err;
	task_pack_add(context, file);
	return 0;
}

int task_pack(const struct task *task, const char *part, struct err *err)
{
	struct pack *pack = pack_new();
	if (task_files(task, part, pack_visit, pack, err) < 0) {
		pack_free(pack);
		return -1;
	}
	return pack_finish(pack, err);
}
