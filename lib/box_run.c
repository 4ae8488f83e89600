/* Requests to a box: the command and its input go in, output comes back, capped, with an answer at its end. */
#include "box_connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "stop.h"

struct message {
	struct box_frame frame;
	char payload[BOX_PAYLOAD_MAX];
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
static void collect(struct box_output *output, const char *data, size_t len, size_t keep)
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
			output->head.len = half;
			output->head.data[half] = '\0';
		}
	}
	buf_add(&output->tail, data, len);
	/* Dropped in large pieces: moving the tail costs its length. */
	if (output->tail.len > 2 * half + (1u << 20))
		buf_drop_front(&output->tail, output->tail.len - half);
	output->cut = output->total - output->head.len - (output->tail.len < half ? output->tail.len : half);
}

static void collected(struct box_output *output, size_t keep)
{
	size_t half = keep / 2;
	if (output->tail.len > half)
		buf_drop_front(&output->tail, output->tail.len - half);
	output->cut = output->total - output->head.len - output->tail.len;
}

static size_t operands(const struct box_command *command, struct message *request)
{
	size_t used = 0;
	const char *const lists[3][2] = {{command->op == BOX_EXEC ? command->cwd : command->path, NULL}};
	const char *const *parts[3] = {lists[0], command->argv, command->env};
	for (int i = 0; i < 3; i++)
		for (const char *const *part = parts[i]; part && *part; part++) {
			size_t len = strlen(*part) + 1;
			if (used + len > sizeof request->payload)
				return SIZE_MAX;
			memcpy(request->payload + used, *part, len);
			used += len;
			request->frame.argc += i == 1;
		}
	return used;
}

static int send_request(struct box *box, const struct box_command *command, size_t *given, struct err *err)
{
	struct message request;
	char control[CMSG_SPACE(sizeof(int))] = {0};
	memset(&request.frame, 0, sizeof request.frame);
	request.frame.op = command->op;
	request.frame.timeout_ms = command->timeout_ms;
	request.frame.flags = command->kill_background ? BOX_KILL_BACKGROUND : 0;
	*given = 0;
	if (command->op == BOX_SHELL) {
		*given = command->input_len < BOX_COMMAND_MAX ? command->input_len : BOX_COMMAND_MAX;
		memcpy(request.payload, command->input, *given);
		request.frame.len = (uint32_t)*given;
	} else {
		size_t used = operands(command, &request);
		if (used == SIZE_MAX)
			return err_set(err, ERR_INPUT, "arguments longer than %u bytes", BOX_PAYLOAD_MAX);
		request.frame.len = (uint32_t)used;
	}
	if (*given == command->input_len)
		request.frame.flags |= BOX_COMPLETE;
	struct iovec part = {&request, sizeof request.frame + request.frame.len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	if (command->op == BOX_EXPORT || command->op == BOX_IMPORT) {
		header.msg_control = control;
		header.msg_controllen = sizeof control;
		struct cmsghdr *item = CMSG_FIRSTHDR(&header);
		item->cmsg_level = SOL_SOCKET;
		item->cmsg_type = SCM_RIGHTS;
		item->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(item), &command->fd, sizeof(int));
	}
	ssize_t n;
	do
		n = sendmsg(box->fd, &header, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_system(err, "the box is gone") : 0;
}

/* The next part of the input, as far as the socket takes it now. */
static int send_input(struct box *box, const struct box_command *command, size_t *given, bool *ended, struct err *err)
{
	struct box_frame frame = {.op = BOX_INPUT};
	size_t rest = command->input_len - *given;
	frame.len = (uint32_t)(rest < BOX_PAYLOAD_MAX ? rest : BOX_PAYLOAD_MAX);
	if (rest == 0)
		frame.op = BOX_INPUT_END;
	struct iovec parts[2] = {{&frame, sizeof frame}, {(void *)(uintptr_t)(command->input + *given), frame.len}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
	if (sendmsg(box->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : err_system(err, "the box is gone");
	*given += frame.len;
	*ended = rest == 0;
	return 0;
}

/* 1: the answer is complete. */
static int take_answer(struct box *box, const struct box_command *command, struct box_result *result, struct err *err)
{
	struct message answer;
	ssize_t n = recv(box->fd, &answer, sizeof answer, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < (ssize_t)sizeof answer.frame || answer.frame.len != (size_t)n - sizeof answer.frame)
		return err_set(err, ERR_SYSTEM, "the box ended");
	if (answer.frame.op == BOX_OUTPUT) {
		collect(&result->out[answer.frame.stream == 2], answer.payload, answer.frame.len, command->keep);
		return 0;
	}
	if (answer.frame.op != BOX_DONE)
		return 0;
	result->how = (enum box_how)answer.frame.how;
	result->code = answer.frame.code;
	result->shell_ended = answer.frame.flags & BOX_SHELL_ENDED;
	result->oom = answer.frame.flags & BOX_OOM;
	result->pids = answer.frame.flags & BOX_PIDS;
	result->disk = answer.frame.flags & BOX_DISK;
	result->shell_killed = answer.frame.flags & BOX_SHELL_KILLED;
	size_t len = answer.frame.len < sizeof result->cwd ? answer.frame.len : sizeof result->cwd - 1;
	memcpy(result->cwd, answer.payload, len);
	result->cwd[len] = '\0';
	return 1;
}

int box_run(struct box *box, const struct box_command *command, struct box_result *result, struct err *err)
{
	size_t given;
	int done = 0;
	memset(result, 0, sizeof *result);
	if (send_request(box, command, &given, err) < 0)
		return -1;
	bool ended = given == command->input_len;
	while (!done) {
		struct pollfd fds[2] = {{box->fd, (short)(POLLIN | (ended ? 0 : POLLOUT)), 0}, {stop_fd(), POLLIN, 0}};
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			done = err_system(err, "poll");
		} else if (fds[1].revents) {
			done = err_set(err, ERR_SYSTEM, "stopped by a signal");
		} else if (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			done = take_answer(box, command, result, err);
		} else if (fds[0].revents & POLLOUT) {
			done = send_input(box, command, &given, &ended, err);
		}
	}
	for (int i = 0; i < 2; i++)
		collected(&result->out[i], command->keep);
	if (done > 0)
		return 0;
	box_result_free(result);
	memset(result, 0, sizeof *result);
	return -1;
}
