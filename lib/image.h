#ifndef PIPEGYM_IMAGE_H
#define PIPEGYM_IMAGE_H

#include "err.h"

/*
 * An image of a container in OCI layout (the image-layout and manifest parts
 * of the OCI image specification): index.json names a manifest, that names
 * layers, and each of them is a file blobs/sha256/HEX. Or simply a tar.
 *
 * Nobody vouches for an archive. Its layers are put on each other in a box, by
 * tar, where a path that leads out of the root leads to nothing; what comes
 * out is one archive that was made of a real folder there, and unpacked into
 * an empty one here.
 */
#define IMAGE_LAYERS_MAX 256

/* source: a layout's folder, a tar, or "-", a tar on standard input. folder: is made (ERR_SYSTEM where it is there), with mode
 * 0755 under the caller's umask; and is not there after -1. ERR_INPUT: it cannot be unpacked, or has more than disk_mib. */
int image_unpack(const char *source, const char *folder, unsigned disk_mib, struct err *err);

/* The option of tar for how a file is compressed, which tar does not find out itself on a pipe. NULL: it is not, or not
 * in a way that is known here. */
const char *image_compression(int fd);

#endif
