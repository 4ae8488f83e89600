#include "image.h"

#include <string.h>

#include "digest.h"
#include "fd.h"

#define INDEX_MAX ((size_t)4 << 20) /* bytes of an index or a manifest */

/* "sha256:HEX" → HEX, in the text; NULL: it is none. */
static const char *hex_of(json descriptor)
{
	const char *digest = json_get_string(descriptor, "digest");
	if (!digest || strncmp(digest, "sha256:", 7) != 0 || strlen(digest + 7) != 64 ||
	    strspn(digest + 7, "0123456789abcdef") != 64)
		return NULL;
	return digest + 7;
}

/* Of a builder's attestations no platform is known; beside them there must be one image. json_none() if not. */
static json only_image(json index)
{
	json list = json_get(index, "manifests"), found = json_none();
	for (int i = 0; i < json_length(list); i++) {
		const char *machine = json_get_string(json_get(json_at(list, i), "platform"), "architecture");
		if (machine && !strcmp(machine, "unknown"))
			continue;
		if (!json_is_none(found))
			return json_none();
		found = json_at(list, i);
	}
	return found;
}

/* digest: what the text must have, as hexadecimal digits, or NULL. *value is owned. */
static int read_json(int folder, const char *name, const char *digest, json *value, struct err *err)
{
	BUF_AUTO text = {0};
	char actual[DIGEST_TEXT];
	if (fd_read_file(folder, name, INDEX_MAX, &text, err) < 0)
		return -1;
	digest_of(buf_string(&text), text.len, actual);
	if (digest && strcmp(strchr(actual, ':') + 1, digest) != 0)
		return err_set(err, ERR_INPUT, "%s: it is not what its name says", name);
	return json_parse(buf_string(&text), text.len, value, err) < 0 ? err_context(err, "%s", name) : 0;
}

/* The manifest of the one image in a layout (owned); an index may have the image in an index of its own. */
static int read_manifest(int folder, json *manifest, struct err *err)
{
	JSON_AUTO value = json_none();
	if (read_json(folder, "index.json", NULL, &value, err) < 0)
		return -1;
	for (int depth = 0; json_is_array(json_get(value, "manifests")); depth++) {
		json image = only_image(value), next;
		const char *hex = hex_of(image);
		if (!hex || depth == 2)
			return err_set(err, ERR_INPUT,
			               "index.json: there is not one image in it (with a sha256), but none or more");
		STRING_AUTO name = mem_format("blobs/sha256/%s", hex);
		if (read_json(folder, name, hex, &next, err) < 0)
			return -1;
		json_free(&value);
		value = next;
	}
	*manifest = json_take(&value);
	return 0;
}

int image_layers(int folder, json *manifest, const char **names, struct err *err)
{
	JSON_AUTO found = json_none();
	if (read_manifest(folder, &found, err) < 0)
		return -1;
	json layers = json_get(found, "layers");
	int count = json_length(layers);
	if (!json_is_array(layers) || count == 0 || count > IMAGE_LAYERS_MAX)
		return err_set(err, ERR_INPUT, "its manifest has not 1 to %d layers", IMAGE_LAYERS_MAX);
	for (int i = 0; i < count; i++)
		if (!(names[i] = hex_of(json_at(layers, i))))
			return err_set(err, ERR_INPUT, "layer %d has no sha256", i + 1);
	*manifest = json_take(&found);
	return 0;
}
