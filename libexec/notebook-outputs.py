# The notebook's outputs: what a cell puts out, bounded, and as text.
import base64
import codecs
import collections
import re
import select
import signal

CHARACTERS_MAX = 65000  # of a cell's outputs, its head and its tail: what limits.output_kib is by default
HALF_MAX = CHARACTERS_MAX // 2  # of the head, the tail, and what is no stream
OUTPUTS_MAX = 500


class Outputs:
    """What a cell puts out, in order and bounded: the head is kept, and the tail."""

    def __init__(self):
        self.head, self.tail = [], collections.deque()
        self.head_size = self.tail_size = self.dropped = 0
        self.decoders = {}

    def write(self, name, data, final=False):
        """Bytes of a stream, stdout or stderr."""
        decoder = self.decoders.setdefault(name, codecs.getincrementaldecoder("utf-8")("replace"))
        self.add({"output_type": "stream", "name": name, "text": decoder.decode(data, final)})

    def add(self, output):
        text = output.get("text")
        if text is None:
            # The text of what is no stream is cut by itself, and stays one.
            self.add_size(output, len(str(output)))
        elif text:
            room = max(HALF_MAX - self.head_size, 0) if not self.tail else 0
            if text[:room]:
                self.head.append({**output, "text": text[:room]})
                self.head_size += len(text[:room])
            if text[room:]:
                self.add_size({**output, "text": text[room:]}, len(text) - room)

    def add_size(self, output, size):
        if not self.tail and "text" not in output and self.head_size + size <= HALF_MAX:
            self.head.append(output)
            self.head_size += size
            return
        self.tail.append((output, size))
        self.tail_size += size
        while self.tail_size - self.tail[0][1] >= HALF_MAX:
            dropped = self.tail.popleft()[1]
            self.tail_size -= dropped
            self.dropped += dropped

    def all(self):
        for name in list(self.decoders):
            self.write(name, b"", True)
        tail = [output for output, _ in self.tail]
        over = self.tail_size - HALF_MAX
        if tail and "text" in tail[0] and over > 0:
            tail[0] = {**tail[0], "text": tail[0]["text"][over:]}
            self.dropped += over
        gap = [{"output_type": "stream", "name": "stdout", "text": "\n[%d characters left out]\n" % self.dropped}]
        found = merged(self.head + (gap if self.dropped else []) + tail)
        if len(found) > OUTPUTS_MAX:
            # Streams that took turns that often are one, as on a terminal.
            found = merged([{**output, "name": "stdout"} if "text" in output else output for output in found])
        return found


def merged(outputs):
    """Neighbours of one stream are one, with what a terminal would make of their control characters."""
    result = []
    for output in outputs:
        if result and "text" in output and result[-1].get("name") == output["name"]:
            result[-1]["text"] += output["text"]
        else:
            result.append(dict(output))
    for output in result:
        if "text" in output:
            output["text"] = shown(output["text"])
    return [output for output in result if output.get("text") != ""]


def shown(text):
    text = re.sub(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])", "", text)
    # A progress bar writes over its line.
    text = re.sub(r"[^\n]*\r(?!$)", "", text.replace("\r\n", "\n")) if "\r" in text else text
    return plain_text(text)


def text_of(data):
    """The one text of a result that may come in many forms."""
    lines = []
    for kind, value in sorted(data.items()):
        if kind.startswith("image/") or kind == "application/pdf":
            value = "".join(value) if isinstance(value, list) else str(value)
            try:
                size = len(value.encode() if kind == "image/svg+xml" else base64.b64decode(value))
            except ValueError:
                size = len(value)
            lines.append("[%s, %d bytes]" % (kind, size))
    plain_form = str(data.get("text/plain", ""))
    # An object that has no text of its own may have one for people.
    if not plain_form or re.fullmatch(r"<[\w.<>]+( object)? at 0x[0-9a-f]+>", plain_form) or (lines and plain_form[:1] == "<"):
        rich = [data[kind] for kind in ("text/markdown", "text/latex") if isinstance(data.get(kind), str)]
        if isinstance(data.get("text/html"), str):
            rich.append(re.sub(r"\n\s*\n+", "\n", re.sub(r"<[^>]*>", "", data["text/html"])).strip())
        if rich or lines:
            plain_form = rich[0] if rich else ""
    return cut(shown("\n".join([plain_form][: bool(plain_form)] + lines)), HALF_MAX)


def result_output(kind, data, count):
    output = {"output_type": kind, "data": {"text/plain": text_of(data)}, "metadata": {}}
    if kind == "execute_result":
        output["execution_count"] = count
    return output


def last_lines(lines):
    """Those that say most of an error, as many as fit."""
    kept, size = [], 0
    for line in reversed(lines):
        line = cut(line, CHARACTERS_MAX // 4)
        size += len(line)
        if kept and size > HALF_MAX:
            break
        kept.insert(0, line)
    return kept


def error_output(name, value, lines):
    name, value = (cut(plain_text(text), CHARACTERS_MAX // 4) for text in (name, value))
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": last_lines(list(map(shown, lines)))}


def as_text(outputs):
    text = ""
    for output in outputs:
        if text and not text.endswith("\n"):
            text += "\n"
        if "text" in output:
            text += output["text"]
        else:
            text += output["data"]["text/plain"] if "data" in output else "\n".join(output["traceback"])
    return text
