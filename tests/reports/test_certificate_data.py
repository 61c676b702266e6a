import json

import pikepdf
import pytest

from reliability.reports.certificate_data import CERTIFICATE_DATA, CertificateData, certificate_data, enclosed_data
from reliability.reports.certificate_pages import render_certificate, render_specimen
from reliability.reports.document import DocumentRecord
from reliability.words.text import LANGUAGES, words
from tests.reports.certified import CHAIN_HEAD, URL, certified, granted


def test_a_certificate_states_as_data_what_it_prints():
    told = certificate_data(certified())
    fields = certified().certificate

    assert (told.number, told.scheme, told.register_url, told.chain_head) == (
        "VR-2026-00417", "verification", URL, CHAIN_HEAD,
    )  # fmt: skip
    for name in ("revision", "granted", "expires", "next_surveillance", "conditions", "test_report"):
        assert getattr(told, name) == getattr(fields, name)


@pytest.mark.parametrize("missing", ["certificate", "number", "issued"])
def test_a_record_that_is_no_certificate_states_nothing(missing):
    assert certificate_data(certified().model_copy(update={missing: None})) is None
    assert enclosed_data(DocumentRecord(kind="certificate"), words("en")) == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_enclosed_in_the_language_of_the_document(lang):
    (one,) = enclosed_data(certified(), words(lang))

    assert (one.name, one.date) == (CERTIFICATE_DATA, "2026-11-25")
    assert one.description == words(lang).text("certificate.data")
    assert CertificateData.model_validate_json(one.text) == certificate_data(certified())


def test_names_of_people_stand_nowhere_in_it():
    text = enclosed_data(certified(), words("ko"))[0].text

    assert [name for name in ("이도현", "박서연", "최민준") if name in text] == []


def test_a_printed_certificate_carries_it_and_a_specimen_does_not(tmp_path):
    files = {
        "issued": render_certificate(granted(), certified(), lang="ko", format="pdf"),
        "specimen": render_specimen(granted(), certified(), lang="ko", format="pdf"),
    }
    inside = {}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pikepdf.open(tmp_path / name) as pdf:
            inside[name] = {one: pdf.attachments[one].get_file().read_bytes() for one in pdf.attachments}

    assert set(inside["issued"]) == {"public-record.json", CERTIFICATE_DATA}
    assert set(inside["specimen"]) == {"public-record.json"}
    assert json.loads(inside["issued"][CERTIFICATE_DATA])["number"] == "VR-2026-00417"
