"""Makes WeasyPrint's PDF/A-3a a PDF/UA-1 at the same time, and repairs what both take offence at."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pydyf  # type: ignore[import-untyped]  # it ships no types
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # as above
from weasyprint.text.fonts import get_hb_object_data

from reliability.reports import structure
from reliability.reports.typeset import without_joiners

# A stream of compressed data may end in CR; before LF that reads as one end of line, and the data as a byte short.
_AMBIGUOUS_END, _PLAIN_END = b"\r\nendstream", b"\r\rendstream"
_WORDS = ("Title", "Alt", "ActualText", "E", "Desc", "Contents", "Author", "Subject", "Keywords", "Creator")
_OF_GLYPH = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")
_NOTHING = "\N{ZERO WIDTH SPACE}"
_END_OF_METADATA = b"</rdf:RDF>"
_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def finish(document: Any, pdf: pydyf.PDF) -> None:
    """Finish a PDF that WeasyPrint is about to write."""
    _claim_both_standards(pdf)
    for font in document.fonts.values():
        if "" in font.to_unicode.values():
            _say_what_each_glyph_means(font, pdf)
    _name_attachments_once(pdf)
    structure.mend(pdf)
    for element in _dictionaries(pdf):
        _strip_joiners(element)


def plain_ends(written: bytes) -> bytes:
    """The file with every stream's data told apart from the end of its line; no byte moves."""
    return written.replace(_AMBIGUOUS_END, _PLAIN_END)


def _claim_both_standards(pdf: pydyf.PDF) -> None:
    """Write the metadata uncompressed, and what PDF/UA claims inside its one description."""
    metadata = _object(pdf, pdf.catalog["Metadata"])
    metadata.compress = False
    metadata.stream = [part.replace(_END_OF_METADATA, _UA + _END_OF_METADATA) for part in metadata.stream]


def _say_what_each_glyph_means(font: Any, pdf: pydyf.PDF) -> None:
    """Give a letter and the mark on it a meaning each: WeasyPrint gives both to the mark, and none to the letter."""
    whole = TTFont(BytesIO(get_hb_object_data(font.hb_face)), fontNumber=font.index, lazy=True)
    meant = {whole.getGlyphID(name): chr(code) for code, name in sorted(whole.getBestCmap().items(), reverse=True)}
    for one in _dictionaries(pdf):
        if one.get("Type") == "/Font" and one.get("BaseFont") == font.name and "ToUnicode" in one:
            table = _object(pdf, one["ToUnicode"])
            table.stream = [_meaning(line, meant) for line in table.stream]


def _meaning(line: Any, meant: Mapping[int, str]) -> Any:
    found = _OF_GLYPH.fullmatch(line)
    if found is None:
        return line
    told = bytes.fromhex(found[2].decode("ascii")).decode("utf-16-be")
    text = told if len(told) == 1 else meant.get(int(found[1], 16), told) or _NOTHING
    return b"<%s> <%s>" % (found[1], text.encode("utf-16-be").hex().encode("ascii"))


def _name_attachments_once(pdf: pydyf.PDF) -> None:
    """WeasyPrint lists a file by its name and once more by its object."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def _dictionaries(pdf: pydyf.PDF) -> Iterator[pydyf.Dictionary]:
    yield pdf.info
    yield from (one for one in pdf.objects if isinstance(one, pydyf.Dictionary))


def _strip_joiners(element: pydyf.Dictionary) -> None:
    for name in _WORDS:
        words = element.get(name)
        if isinstance(words, pydyf.String) and isinstance(words.string, str):
            words.string = without_joiners(words.string)


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
