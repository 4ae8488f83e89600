/* Requests to a box: the command and its input go in, output comes back, capped or as a stream, with an answer at its
 * end. */
#include "box_connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "num.h"
#include "stop.h"

#define FRAMES_AT_ONCE 64

struct message {
	struct box_frame frame;
	char payload[BOX_PAYLOAD_MAX];
};

/* What is still to be given to the command. */
struct source {
	size_t given;        /* bytes of command->input */
	bool ended;          /* its end was sent too */
	bool held;           /* of a stream: next was read and the box has not taken it yet */
	bool stopped;        /* the box was asked to end the command */
	int64_t began;       /* num_now_ms() */
	struct message next; /* filled as far as it is used */
};

/* --- requests ------------------------------------------------------- */

void box_result_free(struct box_result *result)
{
	for (int i = 0; i < 2; i++) {
		buf_free(&result->out[i].head);
		buf_free(&result->out[i].tail);
	}
}

/* Head up to half of keep, then the last half; while all of it fits, all of it. */
void box_collect(struct box_output *output, const char *data, size_t len, size_t keep)
{
	size_t half = keep / 2;
	output->total += len;
	if (output->tail.len == 0 && output->cut == 0 && output->head.len + len <= keep) {
		buf_add(&output->head, data, len);
		return;
	}
	if (output->cut == 0 && output->tail.len == 0) {
		/* First overflow: what is beyond the head's half moves to the tail. */
		size_t take = output->head.len < half ? half - output->head.len : 0;
		take = take < len ? take : len;
		buf_add(&output->head, data, take);
		data += take;
		len -= take;
		if (output->head.len > half) {
			buf_add(&output->tail, output->head.data + half, output->head.len - half);
			buf_cut(&output->head, half);
		}
	}
	buf_add(&output->tail, data, len);
	/* Dropped in large pieces: moving the tail costs its length. */
	if (output->tail.len > 2 * half + (1u << 20))
		buf_drop_front(&output->tail, output->tail.len - half);
	output->cut = output->total - output->head.len - (output->tail.len < half ? output->tail.len : half);
}

void box_collected(struct box_output *output, size_t keep)
{
	size_t half = keep / 2;
	if (output->tail.len > half)
		buf_drop_front(&output->tail, output->tail.len - half);
	output->cut = output->total - output->head.len - output->tail.len;
}

static size_t operands(const struct box_command *command, struct message *request)
{
	size_t used = 0, count = 0;
	const char *const lists[3][2] = {{command->path ? command->path : command->cwd, NULL}};
	const char *const *parts[3] = {lists[0], command->argv, command->env};
	for (int i = 0; i < 3; i++)
		for (const char *const *part = parts[i]; part && *part; part++) {
			size_t len = strlen(*part) + 1;
			if (used + len > sizeof request->payload || ++count >= BOX_OPERANDS_MAX)
				return SIZE_MAX;
			memcpy(request->payload + used, *part, len);
			used += len;
			request->frame.argc += i == 1;
		}
	return used;
}

/* Operands, and as much of the input as goes with them. */
static int fill(const struct box_command *command, struct message *request, size_t *given, struct err *err)
{
	*given = 0;
	if (command->op == BOX_SHELL) {
		*given = command->input_len < BOX_COMMAND_MAX ? command->input_len : BOX_COMMAND_MAX;
		memcpy(request->payload, command->input, *given);
		request->frame.len = (uint32_t)*given;
		return 0;
	}
	size_t used = operands(command, request);
	if (used == SIZE_MAX)
		return err_set(err, ERR_INPUT, "more than %d arguments, or longer than %u bytes", BOX_OPERANDS_MAX - 2,
		               BOX_PAYLOAD_MAX);
	request->frame.operands = request->frame.len = (uint32_t)used;
	if (command->input_len > 0 && command->input_len <= sizeof request->payload - used) {
		*given = command->input_len;
		memcpy(request->payload + used, command->input, *given);
		request->frame.len += (uint32_t)*given;
	}
	return 0;
}

int box_request(struct box *box, const struct box_command *command, size_t *given, struct err *err)
{
	struct message request;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(BOX_REQUEST_FDS_MAX * sizeof(int))] = {0};
	request.frame = (struct box_frame){.op = command->op, .timeout_ms = command->timeout_ms, .stream = command->slot};
	request.frame.flags = (command->kill_background ? BOX_KILL_BACKGROUND : 0u) | (command->spare ? BOX_SPARE : 0u) |
	                      (command->for_good ? BOX_FOR_GOOD : 0u) | (command->inside ? BOX_INSIDE : 0u);
	if (fill(command, &request, given, err) < 0)
		return -1;
	if (command->stream)
		request.frame.flags |= BOX_ENDLESS;
	else if (*given == command->input_len)
		request.frame.flags |= BOX_COMPLETE;
	struct iovec part = {&request, sizeof request.frame + request.frame.len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	if (command->op == BOX_EXPORT || command->op == BOX_IMPORT || (command->op == BOX_SHELL && command->fd > 0))
		fd_attach(&header, control, &command->fd, 1);
	else if (command->fds)
		fd_attach(&header, control, command->fds, BOX_REQUEST_FDS_MAX);
	ssize_t n;
	do
		n = sendmsg(box->fd, &header, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_system(err, "the box is gone") : 0;
}

/* The next part of the input, as far as the socket takes it now. */
static int send_input(struct box *box, const struct box_command *command, struct source *source, struct err *err)
{
	struct box_frame frame = {.op = BOX_INPUT};
	size_t rest = command->input_len - source->given;
	frame.len = (uint32_t)(rest < BOX_PAYLOAD_MAX ? rest : BOX_PAYLOAD_MAX);
	if (rest == 0)
		frame.op = BOX_INPUT_END;
	struct iovec parts[2] = {{&frame, sizeof frame}, {(void *)(uintptr_t)(command->input + source->given), frame.len}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
	if (sendmsg(box->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : err_system(err, "the box is gone");
	source->given += frame.len;
	source->ended = rest == 0;
	return 0;
}

/* The next part of a stream, or its end. */
static int read_stream(const struct box_stream *stream, struct source *source, struct err *err)
{
	ssize_t n = read(stream->input, source->next.payload, sizeof source->next.payload);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : err_system(err, "standard input");
	source->next.frame = (struct box_frame){.op = n > 0 ? BOX_INPUT : BOX_INPUT_END, .len = (uint32_t)n};
	source->held = true;
	return 0;
}

static int send_stream(struct box *box, struct source *source, struct err *err)
{
	if (send(box->fd, &source->next, sizeof source->next.frame + source->next.frame.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : err_system(err, "the box is gone");
	source->held = false;
	source->ended = source->next.frame.op == BOX_INPUT_END;
	return 0;
}

/* The next frame of an answer; and the descriptors, if any come with it and are wanted. */
static ssize_t receive(struct box *box, const struct box_command *command, struct message *answer)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(BOX_ENDS * sizeof(int))];
	struct iovec part = {answer, sizeof *answer};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	if (command->ends) {
		header.msg_control = control;
		header.msg_controllen = sizeof control;
	}
	ssize_t n = recvmsg(box->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *item = n > 0 && command->ends ? CMSG_FIRSTHDR(&header) : NULL;
	if (item && item->cmsg_len <= CMSG_LEN(BOX_ENDS * sizeof(int)))
		memcpy(command->ends, CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0));
	if (n <= 0 || !command->ends || !(header.msg_flags & MSG_CTRUNC))
		return n;
	/* What this process has no room for the kernel drops: it is not that the program has ended. */
	errno = EMFILE;
	return -1;
}

int box_answer(struct box *box, const struct box_command *command, struct box_result *result, struct err *err)
{
	struct message answer;
	ssize_t n = receive(box, command, &answer);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0 && errno != ECONNRESET)
		return err_system(err, "answer of the box");
	if (n < (ssize_t)sizeof answer.frame || answer.frame.len != (size_t)n - sizeof answer.frame)
		return err_set(err, ERR_SYSTEM, "the box ended");
	if (answer.frame.op == BOX_OUTPUT && command->stream)
		return command->stream->take(command->stream->context, answer.frame.stream == 2 ? 2 : 1, answer.payload,
		                             answer.frame.len, err);
	if (answer.frame.op == BOX_OUTPUT) {
		box_collect(&result->out[answer.frame.stream == 2], answer.payload, answer.frame.len, command->keep);
		return answer.frame.len == BOX_PAYLOAD_MAX ? 2 : 0;
	}
	if (answer.frame.op == BOX_FAILED) {
		errno = answer.frame.code;
		return err_system(err, "box: %.*s", (int)answer.frame.len, answer.payload);
	}
	if (answer.frame.op != BOX_DONE)
		return 0;
	result->how = (enum box_how)answer.frame.how;
	result->code = answer.frame.code;
	result->shell_ended = answer.frame.flags & BOX_SHELL_ENDED;
	result->lives = answer.frame.flags & BOX_LIVES;
	result->oom = answer.frame.flags & BOX_OOM;
	result->pids = answer.frame.flags & BOX_PIDS;
	result->disk = answer.frame.flags & BOX_DISK;
	result->shell_killed = answer.frame.flags & BOX_SHELL_KILLED;
	size_t len = answer.frame.len < sizeof result->cwd ? answer.frame.len : sizeof result->cwd - 1;
	memcpy(result->cwd, answer.payload, len);
	result->cwd[len] = '\0';
	return 1;
}

static int send_stop(struct box *box, struct source *source, struct err *err)
{
	const struct box_frame frame = {.op = BOX_STOP};
	if (send(box->fd, &frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : err_system(err, "the box is gone");
	source->stopped = true;
	return 0;
}

/* How long to wait for something to happen: -1, for ever. */
static int time_left(const struct box_command *command, const struct source *source)
{
	int64_t passed = num_now_ms() - source->began, left = INT32_MAX;
	if (command->patience_ms)
		left = command->patience_ms - passed;
	if (command->stop_ms && !source->stopped && command->stop_ms - passed < left)
		left = command->stop_ms - passed;
	return left == INT32_MAX ? -1 : left < 0 ? 0 : (int)left;
}

/* One round: whatever can go either way, output first, so that the box is never waited for by both sides. 1: done. */
static int turn(struct box *box, const struct box_command *command, struct source *source, struct box_result *result,
                struct err *err)
{
	const struct box_stream *stream = command->stream;
	bool giving = !source->ended && (!stream || source->held), reading = stream && !source->ended && !source->held;
	struct pollfd fds[4] = {{box->fd, (short)(POLLIN | (giving ? POLLOUT : 0)), 0},
	                        {stop_fd(), POLLIN, 0},
	                        {reading ? stream->input : -1, POLLIN, 0},
	                        {command->stop > 0 && !source->stopped ? command->stop : -1, POLLIN, 0}};
	int done = 0, left = time_left(command, source);
	if (poll(fds, 4, left) < 0)
		return errno == EINTR ? 0 : err_system(err, "poll");
	if (fds[1].revents)
		return err_set(err, ERR_SYSTEM, "stopped by a signal");
	if (left == 0 && !fds[0].revents && command->patience_ms)
		return err_set(err, ERR_SYSTEM, "the box gives no answer");
	if (fds[3].revents || (left == 0 && command->stop_ms && !source->stopped))
		return send_stop(box, source, err);
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		for (int i = 0; (done = box_answer(box, command, result, err)) == 2; i++)
			if (i == FRAMES_AT_ONCE)
				return 0; /* a signal may want it to stop */
	if (!done && fds[0].revents & POLLOUT)
		done = stream ? send_stream(box, source, err) : send_input(box, command, source, err);
	if (!done && fds[2].revents)
		done = read_stream(stream, source, err);
	return done;
}

int box_run(struct box *box, const struct box_command *command, struct box_result *result, struct err *err)
{
	struct source source;
	int done = 0;
	memset(result, 0, sizeof *result);
	for (int i = 0; command->ends && i < BOX_ENDS; i++)
		command->ends[i] = -1;
	if (box_request(box, command, &source.given, err) < 0)
		return -1;
	source.ended = source.given == command->input_len && !command->stream;
	source.held = source.stopped = false;
	source.began = num_now_ms();
	while (!done)
		done = turn(box, command, &source, result, err);
	for (int i = 0; i < 2; i++)
		box_collected(&result->out[i], command->keep);
	if (done > 0)
		return 0;
	for (int i = 0; command->ends && i < BOX_ENDS; i++)
		fd_close(&command->ends[i]);
	box_result_free(result);
	memset(result, 0, sizeof *result);
	return -1;
}
