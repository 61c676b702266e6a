"""Stands in for an adapter inside the sandbox: the text of the model file says what it does there."""

import ctypes
import mmap
import os
import pathlib
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from reliability.worker.wire import Refusal

LIBRARIES = ()
ROOMS = 4096
ROOM = pathlib.Path(tempfile.gettempdir())


def load(path, declared):
    what, _, detail = path.read_text().partition(" ")
    model = Hostile(what, detail)
    if what.startswith("load_"):
        return getattr(model, what)(), {}
    return model, {"written_by": {"hostile": ["x" * 1000]}}


def reply(raw):
    os.write(int(sys.argv[1]), raw)
    time.sleep(60)


class Hostile:
    """Answers "no" and 0.75/0.25 for every row, but for what it is told to do."""

    classes_ = ("no", "yes")

    def __init__(self, what, detail):
        self.what, self.detail = what, detail
        self.rows = 0
        self.calls = 0

    def predict(self, frame):
        self.rows = len(frame)
        self.calls += 1
        return getattr(self, self.what, self.well)()

    def predict_proba(self, frame):
        if self.what == "nan_scores":
            return [[float("nan"), 1.0]] * len(frame)
        if self.what == "scores_over_one":
            return [[-0.5, 1.5]] * len(frame)
        if self.what == "scores_do_not_sum":
            return [[0.75, 0.5]] * len(frame)
        if self.what == "one_column":
            return [[1.0]] * len(frame)
        return [[0.75, 0.25]] * len(frame)

    def well(self):
        return ["no"] * self.rows

    # what a model may do when it is loaded

    def load_hang(self):
        time.sleep(60)

    def load_raise(self):
        raise ValueError("line one\n\x1b[31mred\x00 " + "x" * 5000)

    def load_dictionary(self):
        return {}

    def load_class(self):
        return Hostile

    def load_exit(self):
        os._exit(0)

    def load_classes_unlike(self):
        self.classes_ = ["no", "perhaps"]
        return self

    def load_classes_too_many(self):
        self.classes_ = ["no", "yes", "perhaps"]
        return self

    def load_refuse(self):
        raise Refusal("model_refused", format="skops", types="os.system")

    def load_without_scores(self):
        self.predict_proba = None
        self.what = "well"
        return self

    def load_numbers(self):
        self.classes_ = None
        self.what = "numbers"
        return self

    def load_texts(self):
        self.classes_ = None
        self.what = "well"
        return self

    def load_classes_too_long(self):
        self.classes_ = ["가" * 50_000, "yes"]
        return self

    def load_refuse_much(self):
        raise Refusal("model_refused", format="skops", types="os.system, " * 20_000)

    # what a model may do when it is asked

    def counting(self):
        return [float(self.calls)] * self.rows

    def size(self):
        return [float(pathlib.Path("/model/file").stat().st_size)] * self.rows

    def raising_surrogates(self):
        raise ValueError("half\ud800pair")

    def numbers(self):
        return [float(row % 2 == 0) for row in range(self.rows)]

    def raising(self):
        raise ValueError("no such row")

    def hanging(self):
        time.sleep(60)

    def leaving(self):
        os._exit(0)

    def exiting(self):
        sys.exit(7)

    def segfault(self):
        ctypes.string_at(8)

    def memory(self):
        return bytearray(1 << 40)

    def burning(self):
        while True:
            pass

    def short(self):
        return ["no"] * (self.rows - 1)

    def stranger(self):
        return ["maybe"] * self.rows

    def flooding(self):
        for _ in range(200):
            print("x" * 100_000)
        return self.well()

    def filling(self):
        with (ROOM / "full").open("wb") as file:
            while True:
                file.write(bytes(1 << 20))

    # what a model may take: it answers how much it got

    def rlimit(self):
        soft, hard = resource.getrlimit(getattr(resource, self.detail))
        return [float(hard if soft == hard else -1)] * self.rows

    def identity(self):
        users = {*os.getresuid(), *os.getresgid()}
        return [float(users.pop() if len(users) == 1 and not os.getgroups()[1:] else -1)] * self.rows

    def _until_refused(self, take):
        got = []
        try:
            while len(got) < ROOMS:
                got.append(take(len(got)))
        except OSError:
            pass
        return got

    def opening(self):
        got = self._until_refused(lambda _: os.open("/dev/null", os.O_RDONLY))
        return [float(len(got))] * self.rows

    def writing_one(self):
        with (ROOM / "one").open("wb", buffering=0) as file:
            got = self._until_refused(lambda _: file.write(bytes(4096)))
        return [float(sum(got))] * self.rows

    def writing_many(self):
        got = self._until_refused(lambda n: (ROOM / f"{n}").write_bytes(bytes(4096)))
        return [float(sum(got))] * self.rows

    def taking(self):
        got = self._until_refused(lambda _: mmap.mmap(-1, 16 << 20))
        return [float(sum(map(len, got)))] * self.rows

    def starting(self):
        def start(_):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            return child

        return [float(len(self._until_refused(start)))] * self.rows

    def listing(self):
        return [float(len(list(pathlib.Path(self.detail).iterdir())))] * self.rows

    # what a model may do to the protocol

    def garbage(self):
        reply(b"\xff" * 4096)

    def huge_length(self):
        reply(struct.pack("<4sIQ", b"RWK1", 2, 1 << 50) + b"{}")

    def long_header(self):
        reply(struct.pack("<4sIQ", b"RWK1", 1 << 30, 0))

    def deep_header(self):
        raw = b"[" * 60_000
        reply(struct.pack("<4sIQ", b"RWK1", len(raw), 0) + raw)

    def other_id(self):
        raw = b'{"id": 1}'
        reply(struct.pack("<4sIQ", b"RWK1", len(raw), 0) + raw)

    def short_body(self):
        raw = b'{"id": 3}'
        reply(struct.pack("<4sIQ", b"RWK1", len(raw), 0) + raw)

    def unknown_error(self):
        raw = b'{"id": 3, "error": "conforms", "values": {}}'
        reply(struct.pack("<4sIQ", b"RWK1", len(raw), 0) + raw)

    def dripping(self):
        frame = struct.pack("<4sIQ", b"RWK1", 60_000, 0)
        os.write(int(sys.argv[1]), frame)
        while True:
            os.write(int(sys.argv[1]), b" ")
            time.sleep(0.2)

    def closing(self):
        os.close(int(sys.argv[1]))
        time.sleep(60)

    # what a model may try on the machine: it says "yes" if it was let

    def _let(self, action):
        try:
            action()
        except OSError:
            return self.well()
        return ["yes"] * self.rows

    def writing(self):
        return self._let(lambda: pathlib.Path("/usr/lib/here").write_text("here"))

    def reading(self):
        return self._let(lambda: pathlib.Path(self.detail).read_bytes())

    def connecting(self):
        return self._let(lambda: socket.create_connection(("127.0.0.1", int(self.detail)), timeout=1))

    def kernel_setting(self):
        return self._let(lambda: pathlib.Path("/proc/sys/kernel/hostname").write_text("here"))

    def scratch(self):
        return self._let(lambda: (ROOM / "here").write_text("here"))

    def _system_call(self, number, *arguments):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(number, *arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    def new_user_namespace(self):
        return self._let(lambda: self._system_call({"x86_64": 272, "aarch64": 97}[os.uname().machine], 0x10000000))

    def tracing(self):
        return self._let(lambda: self._system_call({"x86_64": 101, "aarch64": 117}[os.uname().machine], 0, 0, 0, 0))

    def seeing_processes(self):
        seen = [int(one.name) for one in pathlib.Path("/proc").iterdir() if one.name.isdecimal()]
        return ["yes" if max(seen) > 20 else "no"] * self.rows

    def environment(self):
        return ["yes" if self.detail in os.environ else "no"] * self.rows

    def workbench(self):
        try:
            import reliability.submission  # noqa: F401  (loaded for what it does)
        except ImportError:
            return self.well()
        return ["yes"] * self.rows

    def forking(self):
        try:
            for _ in range(ROOMS):
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
        except OSError:
            return self.well()
        return ["yes"] * self.rows

    def threads(self):
        started = [threading.Thread(target=time.sleep, args=(0,)) for _ in range(4)]
        for one in started:
            one.start()
        return self.well()

    def killing(self):
        os.kill(-1, signal.SIGKILL)
        time.sleep(60)

    def deep(self):
        os.chdir(ROOM)
        for _ in range(3000):
            pathlib.Path("d").mkdir()
            os.chdir("d")
        return self.well()

    def orphans(self):
        """Processes that begin sessions of their own and bear a name to be found by."""
        if os.fork() == 0:
            os.setsid()
            for _ in range(4):
                os.fork()
            ctypes.CDLL(None).prctl(15, self.detail.encode(), 0, 0, 0)
            time.sleep(60)
        return self.well()

    def leaving_a_child(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", self.detail], start_new_session=True)
        return self.well()
