# What an adapter tells of a class's methods, from their docstrings and annotations.
HEADINGS = {"args": "args", "arguments": "args", "parameters": "args", "returns": "returns", "return": "returns",
            "example output": "example", "example": "example", "examples": "example", "raises": "raises"}  # fmt: skip


def sections(docstring):
    """The docstring's lines by heading, those before the first one under None."""
    lines = (docstring or "").expandtabs().strip("\n").splitlines()
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0)
    lines = [line[margin:].rstrip() if line[:margin].isspace() or not margin else line.strip() for line in lines]
    found, heading = {None: []}, None
    for line in lines:
        word, colon, rest = line.strip().partition(":")
        if colon and word.lower() in HEADINGS and not line[:1].isspace():
            heading = HEADINGS[word.lower()]
            found[heading] = [rest.strip()] if rest.strip() else []
        else:
            found[heading].append(line)
    return found


def description(function):
    """A tool's description, and the lines about its parameters."""
    found = sections(getattr(function, "__doc__", None))

    def joined(key):
        return "\n".join(line.strip() for line in found.get(key, [])).strip()

    parts = [joined(None)]
    for key, label in (("returns", "Returns"), ("example", "Example output")):
        if joined(key):
            parts.append("%s: %s" % (label, joined(key)))
    return "\n".join(part for part in parts if part), found.get("args", [])


def arguments_of(lines):
    """What a docstring says of each parameter: {name: (type, description)}."""
    import re

    result, last, margin = {}, None, None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        match = re.match(r"\s*\*{0,2}(\w+)\s*(?:\((.*?)\))?\s*:\s*(.*)", line)
        if match and (margin is None or indent <= margin):
            margin = indent
            last = match[1]
            result[last] = [match[2] or "", match[3]]
        elif last and line.strip():
            result[last][1] += " " + line.strip()
    return result


TYPES = {
    "int": "integer", "integer": "integer", "float": "number", "number": "number", "str": "string", "string": "string",
    "bool": "boolean", "boolean": "boolean", "list": "array", "tuple": "array", "set": "array", "sequence": "array",
    "array": "array", "iterable": "array", "frozenset": "array", "dict": "object", "mapping": "object", "object": "object",
    "none": "null", "nonetype": "null",
}  # fmt: skip


def split_outside(text, separator):
    """The parts between separators that are in no bracket."""
    parts, depth, part = [], 0, ""
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == separator and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += character
    return parts + [part.strip()]


def schema_of(text, depth=0):
    """The JSON Schema for a type as annotations and docstrings have it: List[int], dict, Optional[str], list of int."""
    text = text.replace("typing.", "").replace(" or ", " | ").strip(" '\"")
    if depth > 8:
        return {}
    choices = split_outside(text, "|")
    name, bracket, inside = text.partition("[")
    name, inside = name.strip().lower(), inside[:-1]
    if bracket and name in ("optional", "union") and len(choices) == 1:
        choices = split_outside(inside, ",") + (["None"] if name == "optional" else [])
    if len(choices) > 1:
        schemas = [schema_of(choice, depth + 1) for choice in choices]
        if all(schema.keys() == {"type"} for schema in schemas):
            return {"type": [schema["type"] for schema in schemas]}
        return {"anyOf": schemas} if all(schemas) else {}
    if not bracket and " of " in name:
        name, _, inside = name.partition(" of ")
        inside = inside.rstrip("s") if inside.rstrip("s") in TYPES else inside
    kind = TYPES.get(name.strip())
    if kind is None:
        return {}
    schema = {"type": kind}
    items = split_outside(inside, ",") if inside else []
    if kind == "array" and (len(items) == 1 or items[1:] == ["..."]):
        item = schema_of(items[0], depth + 1)
        return {**schema, "items": item} if item else schema
    if kind == "object" and len(items) == 2:
        value = schema_of(items[1], depth + 1)
        return {**schema, "additionalProperties": value} if value else schema
    return schema


def type_text(annotation):
    return annotation.__name__ if type(annotation) is type else str(annotation)


def tool_of(name, function):
    import inspect

    text, lines = description(function)
    told = arguments_of(lines)
    properties, required = {}, []
    try:
        parameters = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        parameters = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        said, meaning = told.get(parameter.name, ("", ""))
        schema = {} if parameter.annotation is parameter.empty else schema_of(type_text(parameter.annotation))
        # A bare list or dict says less than the docstring may.
        more = schema_of(split_outside(said, ",")[0])
        if not schema or schema.keys() == {"type"} and more.get("type") == schema["type"]:
            schema = more or schema
        properties[parameter.name] = {**schema, **({"description": meaning.strip()} if meaning.strip() else {})}
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    if name == "Done" and function is None:
        properties, required = {"answer": {}}, ["answer"]
    standard = {"Observe": "Returns what can be seen of the environment.", "Done": "Submits the final answer."}
    # The example of Done's text shows a reference answer, which the agent will not get.
    text = text.partition("\nExample output:")[0] if name == "Done" else text
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"name": name, "description": text or standard.get(name, name), "parameters": schema}
