"""The shapes of what EPCIS events come in: documents, query documents and the master data in front of them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from streams.intake.epcis.schema import NO_TIME, NO_URI, Context, Instant, Shape, Uri

Version = Annotated[str, Meta(pattern=r"\A[0-9]+(\.[0-9]+)*\Z")]


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    id: Uri
    attribute: float | str | dict[str, Any] = ""


class VocabularyElement(msgspec.Struct, frozen=True, kw_only=True):
    id: Uri
    attributes: tuple[Attribute, ...] = ()
    children: tuple[Uri, ...] = ()


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    type: Uri
    vocabulary_element_list: tuple[VocabularyElement, ...] = ()


class MasterData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    vocabulary_list: tuple[Vocabulary, ...] = ()


class Header(Shape, frozen=True, kw_only=True, rename="camel"):
    epcis_master_data: MasterData = MasterData()


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    event_list: list[Any]


class Document(Shape, frozen=True, kw_only=True, rename="camel"):
    """An EPCISDocument: what a partner captured."""

    context: Context = msgspec.field(name="@context")
    type: Literal["EPCISDocument"]
    schema_version: Version
    creation_date: Instant
    epcis_body: Body
    id: Uri = NO_URI
    instance_identifier: str = ""
    sender: str = ""
    receiver: str = ""
    epcis_header: Header = Header()


class ResultsBody(Shape, frozen=True, kw_only=True, rename="camel"):
    event_list: list[Any]
    vocabulary_list: tuple[Vocabulary, ...] = ()


class QueryResults(Shape, frozen=True, kw_only=True):
    query_name: str
    results_body: ResultsBody
    subscription_id: str = ""


class QueryBody(Shape, frozen=True, kw_only=True, rename="camel"):
    query_results: QueryResults


class QueryDocument(Shape, frozen=True, kw_only=True, rename="camel"):
    """An EPCISQueryDocument: what a repository answered."""

    context: Context = msgspec.field(name="@context")
    type: Literal["EPCISQueryDocument"]
    epcis_body: QueryBody
    id: Uri = NO_URI
    schema_version: Version = ""
    creation_date: Instant = NO_TIME
