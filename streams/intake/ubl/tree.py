"""XML from outside as a tree: without declarations of any kind, bounded, and with the place of each element. Pure."""

import io
from collections.abc import Iterator
from typing import Any, cast
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from streams.intake.refusal import Reason, Refusal

LARGEST = 1024 * 1024
DEEPEST = 40
MOST_ELEMENTS = 100_000


class Element:
    """An element by its namespace and its name without a prefix. `text`: its own, without that of the elements in it."""

    __slots__ = ("attributes", "children", "name", "namespace", "place", "text")

    def __init__(self, namespace: str, name: str, attributes: dict[str, str], place: str) -> None:
        self.namespace = namespace
        self.name = name
        self.attributes = attributes
        self.place = place
        self.children: list[Element] = []
        self.text = ""

    def all(self, *path: str) -> Iterator["Element"]:
        """The elements at a path of names, in the document's order."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def said(self, *path: str) -> str:
        """The text of the first element at a path that has any; empty without one."""
        return next((one.text for one in self.all(*path) if one.text), "")


def parsed(value: bytes) -> Element:
    """The root of a document. Raises `Refusal` with line and column."""
    if len(value) > LARGEST:
        raise Refusal(Reason.TOO_LARGE, f"The document has {len(value)} bytes; at most {LARGEST} are taken")
    builder = _Builder()
    parser: Any = make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(builder)
    try:
        parser.parse(io.BytesIO(value))
    except Refusal:
        raise
    except DefusedXmlException:
        message = "The document declares types or entities (DOCTYPE); UBL has none, send it without"
        raise Refusal(Reason.BAD_VALUE, message, _place(parser)) from None
    except Exception as fault:  # expat has its own, and encodings theirs
        told = cast("Any", fault)
        message = told.getMessage() if hasattr(told, "getMessage") else f"{type(fault).__name__}"
        raise Refusal(Reason.BAD_VALUE, f"The XML is not well formed: {message}", _place(parser)) from None
    assert builder.root is not None  # an empty document is not well formed
    return builder.root


def _place(parser: Any) -> str:
    return f"line {parser.getLineNumber() or 1}, column {(parser.getColumnNumber() or 0) + 1}"


class _Builder(ContentHandler):
    """Builds the tree as the parser meets it."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._count = 0
        self._locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802 - the name of the interface
        self._locator = locator

    def startElementNS(self, name: Any, qname: str | None, attrs: Any) -> None:  # noqa: N802 - as above
        self._count += 1
        place = f"{_place(self._locator)}, {name[1][:60]}"
        if self._count > MOST_ELEMENTS:
            raise Refusal(Reason.TOO_LARGE, f"The document has more than {MOST_ELEMENTS} elements", place)
        if len(self._open) >= DEEPEST:
            raise Refusal(Reason.TOO_DEEP, f"Nested more than {DEEPEST} levels deep", place)
        attributes = {key[1]: attrs[key] for key in attrs.keys()}  # noqa: SIM118 - no mapping
        found = Element(name[0] or "", name[1], attributes, place)
        if self._open:
            self._open[-1].children.append(found)
        else:
            self.root = found
        self._open.append(found)
        self._texts.append([])

    def endElementNS(self, name: Any, qname: str | None) -> None:  # noqa: N802 - as above
        self._open.pop().text = "".join(self._texts.pop()).strip()

    def characters(self, content: str) -> None:
        if self._texts:
            self._texts[-1].append(content)
