"""Stands in for the reader inside the sandbox: the file that it is given says what it answers."""

import ctypes
import json
import os
import socket
import struct
import time

from reliability.worker import wire
from reliability.worker.child import probed


def main(descriptor):
    line, answers = None, {}
    with socket.socket(fileno=descriptor) as sock:
        while True:
            try:
                asked, body = wire.receive(sock, max_body=wire.MAX_BODY)
            except EOFError:
                return
            if asked["op"] == "hello":
                line = socket.socket(fileno=asked["line"])
                wire.send(sock, {**probed(asked), "id": asked["id"]})
                continue
            if asked["op"] == "population":
                answers = json.loads(bytes(body))
            if asked["op"] in ("open", "head"):
                _, (number,), _, _ = socket.recv_fds(line, 1, 1)
                answers = json.loads(os.pread(number, 1 << 20, 0))
            act(sock, answers.get(asked["op"], {}), asked["id"])


def act(sock, answer, number):
    what = answer.get("do")
    if what == "crash":
        ctypes.string_at(8)
    if what == "leave":
        os._exit(0)
    if what == "sleep":
        time.sleep(60)
    if what == "garbage":
        sock.sendall(b"\xff" * 99)
        time.sleep(60)
    if what == "huge":
        sock.sendall(struct.pack("<4sIQ", b"RWK1", 2, 1 << 50) + b"{}")
        time.sleep(60)
    body = bytes.fromhex(answer["hex"]) if "hex" in answer else json.dumps(answer.get("body", {})).encode()
    wire.send(sock, {"id": number, **answer.get("header", {})}, body if answer else b"")
