#include "reset_programs.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

#define BYTES 6   /* of an ID that are shown: enough to tell builds apart */
#define HEAD 8192 /* of a file that are looked at: the notes are near its beginning */
#define ALIGNED(n) (((n) + 3u) & ~3u)

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Ehdr file_header;
typedef Elf64_Phdr program_header;
typedef Elf64_Nhdr note_header;
#else
typedef Elf32_Ehdr file_header;
typedef Elf32_Phdr program_header;
typedef Elf32_Nhdr note_header;
#endif

/* The build ID among the notes of a segment (elf(5), "Notes"); false: it has none. */
static bool find_note(const unsigned char *notes, size_t len, unsigned char *id)
{
	note_header note;
	for (size_t at = 0; at + sizeof note <= len;) {
		memcpy(&note, notes + at, sizeof note);
		size_t name = at + sizeof note, content = name + ALIGNED((size_t)note.n_namesz);
		if (content > len || ALIGNED((size_t)note.n_descsz) > len - content)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(notes + name, "GNU", 4) &&
		    note.n_descsz >= BYTES) {
			memcpy(id, notes + content, BYTES);
			return true;
		}
		at = content + ALIGNED((size_t)note.n_descsz);
	}
	return false;
}

static bool find_id(const unsigned char *head, size_t len, unsigned char *id)
{
	file_header file;
	program_header part;
	if (len < sizeof file || memcmp(head, ELFMAG, SELFMAG) != 0 ||
	    head[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
		return false;
	memcpy(&file, head, sizeof file);
	for (size_t i = 0; i < file.e_phnum && file.e_phoff <= len && (i + 1) * sizeof part <= len - file.e_phoff; i++) {
		memcpy(&part, head + file.e_phoff + i * sizeof part, sizeof part);
		if (part.p_type == PT_NOTE && part.p_offset <= len && part.p_filesz <= len - part.p_offset &&
		    find_note(head + part.p_offset, part.p_filesz, id))
			return true;
	}
	return false;
}

json reset_programs(void)
{
	static const char *const names[] = {"bash", "ls",   "find", "grep", "sed",     "awk",
	                                    "tar",  "gzip", "git",  "perl", "python3", "ps"};
	unsigned char head[HEAD], id[BYTES];
	json programs = json_new_object();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[64], text[2 * BYTES + 1];
		snprintf(path, sizeof path, "/usr/bin/%s", names[i]);
		FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		ssize_t len = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
		if (len < 0 || !find_id(head, (size_t)len, id))
			continue;
		for (size_t j = 0; j < BYTES; j++)
			snprintf(text + 2 * j, 3, "%02x", id[j]);
		json_set_string(&programs, names[i], text);
	}
	return programs;
}
