"""YAML files that know the line and column of each of their values.

>>> document = Document.parse("site: BSL\\nlines: [4, fife]\\n", "network.yaml")
>>> document.value
{'site': 'BSL', 'lines': [4, 'fife']}
>>> print(document.problem(("lines", 1), "'fife' is not a number", "write 5"))
network.yaml:2:12: 'fife' is not a number (write 5)
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeAlias, TypeVar, cast

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from risk_rules.problems import DocumentError, Place, Problem, did_you_mean
from risk_rules.scalars import ScalarError, place_within, scalar_value

T = TypeVar("T")
Steps: TypeAlias = tuple[str | int, ...]
"""The way to a value: the keys of mappings and the indices of lists, from the top."""

__all__ = ["Document", "DocumentError", "Place", "Problem", "Steps", "did_you_mean"]

LARGEST_FILE = 16 * 1024 * 1024
DEEPEST = 50
TOO_DEEP = ("is nested too deeply", f"at most {DEEPEST} levels")
MOST_VALUES = 200_000


class Document:
    """A YAML file: `value` is made of dict, list, str, int, float, bool and None; keys are always text.

    Dates stay text. One document a file; no tags; a key may stand only once.
    """

    def __init__(self, file: str, text: str, value: Any, nodes: Mapping[Steps, Any], keys: Mapping[Steps, Any]) -> None:
        self.file = file
        self.text = text
        self.value = value
        self._nodes = nodes
        self._keys = keys

    @classmethod
    def load(cls, path: Path) -> Self:
        """The document in a file. Raises `DocumentError` when it cannot be read or is no good YAML."""
        try:
            size = path.stat().st_size
            if size > LARGEST_FILE:
                raise DocumentError(
                    [
                        Problem(
                            str(path), 1, 1, f"{size} bytes are more than the {LARGEST_FILE} allowed", "split the file"
                        )
                    ]
                )
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise DocumentError(
                [Problem(str(path), 1, 1, f"cannot be read: {error.strerror}", "check the path")]
            ) from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise DocumentError([Problem(str(path), line, 1, "is not UTF-8", "save the file as UTF-8")]) from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, file: str) -> Self:
        """The document in `text`; `file` is the name that problems are reported under."""
        reader = _Reader(file)
        try:
            root = _composed(text)
            value = None if root is None else reader.read(root, ())
        except MaxDepthExceededError as error:
            raise DocumentError([Problem(file, *_place_of(error), *TOO_DEEP)]) from None
        except MarkedYAMLError as error:
            raise DocumentError([_syntax_problem(file, error)]) from error
        except YAMLError as error:
            raise DocumentError([_character_problem(file, text, error)]) from error
        if reader.problems:
            raise DocumentError(reader.problems)
        return cls(file, text, value, reader.nodes, reader.keys)

    def place(self, path: Steps = (), *, of_key: bool = False) -> Place:
        """Where the value at `path` begins (or its key); if it is not there, where the value around it does."""
        if of_key and path in self._keys:
            mark: Any = self._keys[path].start_mark
            return Place(mark.line + 1, mark.column + 1)
        while path and path not in self._nodes:
            path = path[:-1]
        node = self._nodes.get(path)
        return Place(1, 1) if node is None else Place(node.start_mark.line + 1, node.start_mark.column + 1)

    def place_in_text(self, path: Steps, offset: int) -> Place:
        """Where character `offset` of the text at `path` stands in the file, however it is quoted or folded."""
        node = self._nodes.get(path)
        return place_within(self.text, node, offset) if isinstance(node, ScalarNode) else self.place(path)

    def problem(self, path: Steps, message: str, hint: str = "", *, of_key: bool = False) -> Problem:
        """A problem with the value (or the key) at `path`."""
        return Problem(self.file, *self.place(path, of_key=of_key), message, hint)

    def problem_in_text(self, path: Steps, offset: int, message: str, hint: str = "") -> Problem:
        """A problem with a character of the text at `path`."""
        return Problem(self.file, *self.place_in_text(path, offset), message, hint)

    def at(self, path: Steps) -> Any:
        """The value at `path`. Raises `KeyError` or `IndexError`."""
        value = self.value
        for step in path:
            value = value[step]
        return value

    def convert(self, type: type[T], path: Steps = ()) -> T:
        """The value at `path` as `type` (a msgspec type). Raises `DocumentError` with the place of the fault."""
        try:
            return msgspec.convert(self.at(path), type, strict=True)
        except msgspec.ValidationError as error:
            raise DocumentError([self._conversion_problem(str(error), type, path)]) from error

    def _conversion_problem(self, text: str, wanted: Any, path: Steps) -> Problem:
        message, _, where = text.partition(" - at `")
        steps = self._steps(where.rstrip("`"), text, wanted, path)
        of_key = where.startswith("key")
        if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL):
            name = unknown[1]
            known = _fields(msgspec.inspect.type_info(wanted), steps)
            hint = did_you_mean(name, known) or (f"known here: {', '.join(known)}" if known else "")
            return self.problem((*path, *steps, name), f"unknown field {name}", hint, of_key=True)
        return self.problem((*path, *steps), message[:1].lower() + message[1:].replace("`", ""), of_key=of_key)

    def _steps(self, where: str, text: str, wanted: Any, path: Steps) -> Steps:
        """The steps of a JSON path of msgspec, which writes `[...]` for any key of a mapping: find out which one."""
        steps: Steps = ()
        for field, index in re.findall(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]", where):
            if field:
                steps = (*steps, field)
            elif index != "...":
                steps = (*steps, int(index))
            else:
                mapping = cast("dict[str, Any]", self.at((*path, *steps)))
                faulty = (key for key in mapping if _fails(self.at(path), steps, key, wanted, text))
                steps = (*steps, next(faulty, ""))
        return steps


def _composed(text: str) -> Any:
    """The nodes of a YAML text; None for an empty one."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.max_depth = DEEPEST + 1  # the file itself is a level; not left to how deep the interpreter may go
    return yaml.compose(text)


class _Reader:
    """Turns YAML nodes into plain values and notes where each of them stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.nodes: dict[Steps, Any] = {}
        self.keys: dict[Steps, Any] = {}
        self.problems: list[Problem] = []

    def read(self, node: Node, path: Steps) -> Any:
        self.nodes[path] = node
        if len(self.nodes) > MOST_VALUES:
            self._refuse(node, f"more than {MOST_VALUES} values, aliases counted each time", "use fewer aliases")
            raise DocumentError(self.problems)
        if len(path) > DEEPEST:
            self._refuse(node, *TOO_DEEP)
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            items = cast("Sequence[Node]", node.value)
            return [self.read(item, (*path, index)) for index, item in enumerate(items)]
        try:
            return scalar_value(node)
        except ScalarError as error:
            self._refuse(node, str(error), error.hint)
            return None

    def _mapping(self, node: Node, path: Steps) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for key_node, value_node in cast("Sequence[tuple[Any, Node]]", node.value):
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, "a key must be a plain text")
                continue
            key = str(cast("Any", key_node).value)
            if key in value:
                self._refuse(key_node, f"{key} stands here a second time", "a key may stand only once")
                continue
            self.keys[*path, key] = key_node
            value[key] = self.read(value_node, (*path, key))
        return value

    def _refuse(self, node: Any, message: str, hint: str = "") -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, message, hint))


def _syntax_problem(file: str, error: Any) -> Problem:
    return Problem(file, *_place_of(error), str(error.problem or error.context or "is not YAML"))


def _place_of(error: Any) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _character_problem(file: str, text: str, error: Any) -> Problem:
    position = int(getattr(error, "position", 0) or 0)
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    return Problem(file, line, column, "has a character that YAML does not allow", "remove it")


def _fails(whole: Any, steps: Steps, key: str, wanted: Any, text: str) -> bool:
    """Whether the same fault comes when the mapping at `steps` has the one `key` only."""
    try:
        msgspec.convert(_with_only(whole, steps, key), wanted, strict=True)
    except msgspec.ValidationError as error:
        return str(error) == text
    return False


def _with_only(value: Any, steps: Steps, key: str) -> Any:
    if not steps:
        return {key: value[key]}
    first, rest = steps[0], steps[1:]
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_with_only(item, rest, key) if index == first else item for index, item in enumerate(items)]
    fields = cast("dict[str, Any]", value)
    return {name: _with_only(item, rest, key) if name == first else item for name, item in fields.items()}


def _fields(kind: Any, steps: Steps) -> list[str]:
    """The names of the fields of the struct that `steps` lead to from a type."""
    for step in steps:
        if isinstance(kind, msgspec.inspect.UnionType):
            kind = next((part for part in kind.types if not isinstance(part, msgspec.inspect.NoneType)), kind)
        if isinstance(kind, msgspec.inspect.StructType):
            kind = next((field.type for field in kind.fields if field.encode_name == step), None)
        else:
            kind = getattr(kind, "value_type", None) or getattr(kind, "item_type", None)
    return [field.encode_name for field in kind.fields] if isinstance(kind, msgspec.inspect.StructType) else []
