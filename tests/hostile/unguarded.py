"""Stands in for an adapter that believes everything: it unpickles every file of an archive, without any list."""

import io
import os
import sys
import zipfile

import joblib

LIBRARIES = ()


def load(path, _declared):
    with zipfile.ZipFile(path) as archive:
        told = [f"{name}: {outcome(archive.read(name))}" for name in sorted(archive.namelist())]
    return Loaded(), {"written_by": {"outcomes": told}}


def outcome(content):
    try:
        loaded = joblib.load(io.BytesIO(content))
    except BaseException as error:
        return type(error).__name__
    return f"loaded {type(loaded).__name__}"


class Loaded:
    classes_ = ("no", "yes")

    def predict(self, frame):
        return ["no"] * len(frame)

    def predict_proba(self, frame):
        return [[0.5, 0.5]] * len(frame)


if __name__ == "__main__":  # the control: the same files where nothing confines
    os.environ["BROWSER"] = "true"  # one of the files opens a page
    print("\n".join(load(sys.argv[1], {})[1]["written_by"]["outcomes"]))
