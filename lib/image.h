#ifndef PIPEGYM_IMAGE_H
#define PIPEGYM_IMAGE_H

#include "err.h"
#include "json.h"

/*
 * An image of a container in OCI layout (the image-layout and manifest parts
 * of the OCI image specification): index.json names a manifest, that names
 * layers, and each of them is a file blobs/sha256/HEX.
 */
#define IMAGE_LAYERS_MAX 256

/* folder: the layout's, with one image in it. names gets at most IMAGE_LAYERS_MAX layers, the lowest first, each as the HEX of its
 * file; they live as long as *manifest (owned). 0 or -1. */
int image_layers(int folder, json *manifest, const char **names, struct err *err);

#endif
