#ifndef PIPEGYM_EPISODE_FOLDER_H
#define PIPEGYM_EPISODE_FOLDER_H

#include "episode.h"

/* What the files of this module know of the layout, which episode.h describes; nobody else does. */
#define META "episode.json"
#define LOCK "lock"
#define GROUPS "groups"
#define SOCKET "box.sock"
#define NEW_SOCKET ".box.sock"
#define BOXES "../boxes" /* from STATE/episodes */

/* A descriptor of STATE/episodes, which is made if need be; with sync, so that it lasts. */
int episode_state(bool sync, struct err *err);

/* Takes its box's socket out of STATE/boxes, if it is there. */
void episode_unlist(const struct episode *episode, int state);

/* Has the journal say that the episode has expired, if that is so. Where it cannot be written, it is known all the same. */
void episode_expire(struct episode *episode);

#endif
