"""Stands in for the adapter and for all that fits, inside the sandbox: the text of the model file says what it does."""

import ctypes
import os
import struct
import time

from reliability.worker import wire

LIBRARIES = ()
SENTINEL = 40_507.25  # a label of a row to be answered, as the test that looks for it writes it
BODIES = []
_receive = wire.receive


def _kept(sock, **limits):
    header, body = _receive(sock, **limits)
    BODIES.append(bytes(body))
    return header, body


def load(path, declared):
    wire.receive = _kept
    return Hostile(*path.read_text().partition(" ")[::2]), {}


# what stands in for refit_clone and refit_binning


def sort_once():
    pass


def copied(model, *, seed):
    if model.what == "refusing_much":
        raise wire.Refusal("refit_class_refused", types="os.system\n, " * 9999)
    return model


def weight_name(model):
    return "sample_weight"


class Hostile:
    """Answers "no" and 0.75/0.25 for every row, but for what it is told to do when it is fitted or asked."""

    classes_ = ("no", "yes")

    def __init__(self, what, detail):
        self.what, self.detail = what, detail
        self.labels = ()

    def fit(self, frame, y, sample_weight=None):
        self.labels = list(y)
        return getattr(self, f"fit_{self.what}", lambda: self)()

    def predict(self, frame):
        rows = len(frame)
        if self.what == "labels":
            return (self.labels * rows)[:rows]
        if self.what == "sentinel":
            wanted = struct.pack("<d", SENTINEL)
            return ["yes" if any(wanted in body for body in BODIES) else "no"] * rows
        if self.what == "bodies":
            return ["yes" if any(self.detail.encode() in body for body in BODIES) else "no"] * rows
        if self.what == "columns":
            return ["yes" if sorted(frame) != ["x"] else "no"] * rows
        return ["maybe" if self.what == "stranger" else "no"] * rows

    def predict_proba(self, frame):
        return [[float("nan") if self.what == "nan" else 0.75, 0.25]] * len(frame)

    def fit_raising(self):
        raise RuntimeError("no\x1b[31m fit")

    def fit_hanging(self):
        time.sleep(60)

    def fit_burning(self):
        while True:
            pass

    def fit_crashing(self):
        ctypes.string_at(8)

    def fit_leaving(self):
        os._exit(0)

    def fit_memory(self):
        return bytearray(1 << 40)

    def fit_other_classes(self):
        self.classes_ = ("no", "perhaps")
        return self

    def fit_more_classes(self):
        self.classes_ = ("no", "yes", "perhaps")
        return self

    def fit_nothing(self):
        return None
