"""The process that a page is set in: what it may take, what it may reach, and what comes of it when it fails."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from reliability.errors import EnvironmentLacksError, RecordError
from reliability.reports import fonts
from reliability.reports.press import APT_LINE, LONGEST_REASON, Limits, printed, set_apart, setting
from reliability.words.text import words
from reliability.worker import seccomp

ROOT = Path(__file__).resolve().parents[2]
PAGE = '<html lang="ko"><title>쪽</title><h1>가나다</h1></html>'
WORDS = words("en")
UNDRAWN = "\N{TEST TUBE}"  # faces that help out do draw the older emoji
# A typesetter that does as a test bids it: STARTS where it is imported, SETS once a page is there.
FAKE = {
    "__init__.py": """
        import ctypes, os, resource, signal, socket, sys, time
        STARTS
        class Attachment: pass
        class Set:
            metadata = type("Metadata", (), {})()
            def write_pdf(self, **options): return b"%PDF-set"
        class HTML:
            def __init__(self, **options): pass
            def render(self, **options):
                SETS
                return Set()
    """,
    "urls.py": "class URLFetcher: pass",
    "text/__init__.py": "",
    "text/fonts.py": "get_hb_object_data = None",
}


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """Puts a typesetter of these lines in the place of WeasyPrint."""

    def put(sets="pass", starts="pass"):
        for name, text in FAKE.items():
            path = tmp_path / "libraries" / "weasyprint" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = text.replace("STARTS", starts).replace("SETS", sets).replace("\n        ", "\n")
            path.write_text(lines, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path / "libraries")

    return put


@pytest.fixture(autouse=True)
def room(monkeypatch, tmp_path):
    """Where this process may leave something behind."""
    path = tmp_path / "room"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


def sets(page=PAGE, **limits):
    """The bytes of a page."""
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    task = {"page": page, "identifier": "00" * 16, "enclosed": [], "made_with": ["ours 1.0"]}
    return set_apart(task, fonts.typefaces()[0], Limits(**limits))


def refusal(*given, error=RecordError, **limits):
    with pytest.raises(error) as caught:
        sets(*given, **limits)
    assert "\n" not in str(caught.value)
    return caught.value


def text_of(content, folder):
    path = folder / "told.pdf"
    path.write_bytes(content)
    told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout
    return " ".join(told.decode("utf-8").split())


def is_gone(process, within_s=20.0):
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


# Time and memory


def test_page_that_takes_too_much_time_of_the_processor_is_stopped(fake):
    fake("while True: pass")

    stopped = refusal(cpu_s=1, timeout_s=300)

    assert (stopped.code, stopped.values) == ("document_too_slow", {"seconds": "1"})


def test_page_that_never_ends_is_stopped_and_its_process_with_it(fake, tmp_path):
    fake("time.sleep(600)", starts=f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))")

    started = time.monotonic()
    stopped = refusal(timeout_s=5)

    assert (stopped.code, stopped.values) == ("document_too_slow", {"seconds": "5"})
    assert time.monotonic() - started < 60
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_real_page_is_stopped_at_its_limit_of_time():
    assert refusal(PAGE + "<p>가나다 라마바</p>" * 30_000, cpu_s=1, timeout_s=300).code == "document_too_slow"


def test_page_that_takes_too_much_memory_is_stopped(fake):
    fake("bytearray(1 << 30)")

    stopped = refusal(memory_bytes=512 << 20)

    assert (stopped.code, stopped.values) == ("document_too_large", {"most": 512})


@pytest.mark.parametrize("megabytes", [20, 150])
def test_real_page_is_stopped_at_its_limit_of_memory(megabytes):
    # Pango needs more of it to begin with; then it is Python that has none for the boxes of the page.
    assert refusal(PAGE + "<p>가나다</p>" * 3000, memory_bytes=megabytes << 20).code == "document_too_large"


def test_limits_hold_before_a_page_is_read(fake):
    limits = "resource.getrlimit(getattr(resource, 'RLIMIT_' + name))"
    fake(f"raise ValueError([{limits}[0] for name in ('AS', 'CPU', 'FSIZE', 'CORE')])")

    assert str([900 << 20, 77, 0, 0]) in str(refusal(memory_bytes=900 << 20, cpu_s=77))


def test_limits_of_their_own_leave_room_for_a_report_of_three_hundred_pages():
    assert Limits() == Limits(memory_bytes=3 << 30, cpu_s=300, timeout_s=900.0)


# Network and files


@pytest.mark.skipif(not (sys.platform == "linux" and seccomp.supported()), reason="only Linux takes the network away")
@pytest.mark.parametrize(
    "how", ["socket.socket()", "socket.socket(socket.AF_UNIX)", "socket.create_connection(('127.0.0.1', 9))"]
)
def test_page_reaches_no_network(fake, how):
    fake(how)

    assert "PermissionError" in str(refusal())


def test_page_writes_no_file(fake, tmp_path):
    fake(f"os.write(os.open({str(tmp_path / 'written')!r}, os.O_WRONLY | os.O_CREAT), b'x')")

    assert "OSError" in str(refusal())
    assert (tmp_path / "written").read_bytes() == b""


def test_page_inherits_no_variable_and_no_folder(fake, monkeypatch, room):
    monkeypatch.setenv("RELIABILITY_SECRET", "known")
    fake("raise ValueError(os.environ.get('RELIABILITY_SECRET'), os.environ['LANG'], os.getcwd(), os.listdir())")

    told = str(refusal())

    assert "(None, 'C.UTF-8'" in told
    assert str(room) in told
    assert "['fonts.conf']" in told


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_process_ends_with_the_one_that_started_it(fake, tmp_path):
    # A folder says that a page is being set: files can no longer be written then.
    fake(f"os.mkdir({str(tmp_path / 'pid-')!r} + str(os.getpid())); time.sleep(600)")
    asked = f"""import sys; sys.path[:0] = {[str(tmp_path / "libraries"), str(ROOT)]!r}
from tests.reports.test_press import sets; sets()"""
    parent = subprocess.Popen([sys.executable, "-c", asked], cwd=tmp_path, stderr=subprocess.DEVNULL)

    while not (begun := list(tmp_path.glob("pid-*"))) and parent.poll() is None:
        time.sleep(0.05)
    parent.kill()
    parent.wait()

    assert is_gone(int(begun[0].name.partition("-")[2]))


# Failures


@pytest.mark.parametrize(
    ("breaks", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", f"signal {signal.SIGSEGV:d}"),
        ("os.abort()", f"signal {signal.SIGABRT:d}"),
        ("os._exit(1)", "(-)"),
        ("raise ValueError('no such colour')", "ValueError: no such colour"),
    ],
)
def test_process_that_breaks_down_is_an_error_that_says_how(fake, breaks, reason):
    fake(breaks)

    broken = refusal()

    assert broken.code == "document_not_set"
    assert reason in str(broken)
    assert "--format html works" in str(broken)
    assert broken.exit_status == 2


def test_what_a_process_says_last_is_short_and_steers_no_terminal(fake):
    fake("raise ValueError('\\x1b[31m' + 'x' * 999)")

    reason = refusal().values["reason"]

    assert len(reason) == LONGEST_REASON
    assert reason.isprintable()


def test_missing_library_is_told_with_the_line_that_gets_it(fake):
    fake(starts="raise OSError('cannot load library libpango-1.0-0')")

    assert APT_LINE in str(refusal(error=EnvironmentLacksError))


@pytest.mark.parametrize("ends", ["pass", "raise ValueError", "time.sleep(600)", "os.abort()"])
def test_nothing_is_left_behind(fake, room, ends):
    fake(ends)

    if ends == "pass":
        sets()
    else:
        refusal(timeout_s=3)

    assert list(room.iterdir()) == []


def test_banners_of_libraries_stay_out_of_the_document(fake):
    fake("print('banner', flush=True); os.write(1, b'banner')", starts="print('banner', flush=True)")

    assert sets() == b"%PDF-set"


# What is printed


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_character_in_neither_face_prints_by_its_number_and_is_listed(tmp_path):
    made = []

    def compose(rows):
        made.append(rows)
        return PAGE.replace("가나다", f"가{UNDRAWN}나") + "".join(f"<p>{row.name}: {row.text}</p>" for row in rows)

    told = text_of(printed(compose, identifier=bytes(16), words=WORDS), tmp_path)

    assert len(made) == 2
    assert "가[U+1F9EA]나" in told
    assert "U+1F9EA TEST TUBE" in told
    assert fonts.typefaces()[0].named in told


def test_page_that_is_drawn_whole_is_made_once():
    made = []

    def compose(rows):
        made.append(rows)
        return PAGE

    assert printed(compose, identifier=bytes(16), words=WORDS).startswith(b"%PDF-1.7")
    assert made == [setting(fonts.typefaces()[0], (), WORDS)]


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs poppler-utils")
def test_file_names_what_it_was_made_with(tmp_path):
    (tmp_path / "told.pdf").write_bytes(printed(lambda _: PAGE, identifier=bytes(16), words=WORDS))
    told = subprocess.run(["pdfinfo", str(tmp_path / "told.pdf")], capture_output=True, check=True).stdout.decode()
    faces = [face.named for face in fonts.typefaces()[0].faces]

    assert [name for name in ("reliability-workbench", *faces, "weasyprint 70.0", "pydyf") if name not in told] == []
    assert re.search(r"Pango \d+\.\d+.*HarfBuzz \d+\.\d+", told)


def test_setting_lists_what_is_undrawn_only_where_something_is():
    faces = fonts.typefaces()[0]

    assert [row.name for row in setting(faces, (), WORDS)] == [
        WORDS.text("row.typefaces"),
        WORDS.text("row.typesetter"),
    ]
    assert setting(faces, (UNDRAWN,), WORDS)[2].name == WORDS.text("row.undrawn")
