import errno
import platform
import struct

import pytest

from reliability.worker import seccomp

ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, KILLED = 0x7FFF0000, 0x80000000
REFUSED = 0x00050000 | errno.EPERM
USER_NAMESPACE = 0x10000000


def verdict(machine: str, number: int, argument: int = 0, arch: int | None = None, *, shared: bool = False) -> int:
    """Run the program as the kernel would: the five instructions it is made of."""
    words = {0: number, 4: ARCHES[machine] if arch is None else arch, 16: argument}
    code = list(struct.iter_unpack("<HBBI", seccomp.program(machine, shared=shared)))
    at, value = 0, 0
    while True:
        operation, if_true, if_false, k = code[at]
        at += 1
        if operation == 0x06:
            return k
        if operation == 0x20:
            value = words[k]
        else:
            holds = {0x15: value == k, 0x35: value >= k, 0x45: bool(value & k)}[operation]
            at += if_true if holds else if_false


@pytest.mark.parametrize("machine", ARCHES)
def test_every_denied_call_is_refused(machine):
    column = list(ARCHES).index(machine)
    numbers = [pair[column] for pair in seccomp.DENIED.values() if pair[column] is not None]

    assert {verdict(machine, number) for number in numbers} == {REFUSED}
    assert len(numbers) == len(set(numbers)) >= 55


@pytest.mark.parametrize(
    ("machine", "number"),
    [("x86_64", 0), ("x86_64", 1), ("x86_64", 9), ("x86_64", 59), ("x86_64", 202), ("aarch64", 63), ("aarch64", 98)],
)
def test_ordinary_calls_are_allowed(machine, number):
    assert verdict(machine, number) == ALLOWED


@pytest.mark.parametrize("machine", ARCHES)
def test_calls_of_another_architecture_end_the_process(machine):
    assert verdict(machine, 1, arch=0x40000003) == KILLED


def test_x32_twin_ends_the_process():
    assert verdict("x86_64", 0x40000000 + 41) == KILLED


@pytest.mark.parametrize(("machine", "clone"), [("x86_64", 56), ("aarch64", 220)])
def test_clone_is_refused_only_when_it_makes_a_namespace(machine, clone):
    thread = 0x3D0F00

    assert verdict(machine, clone, argument=thread) == ALLOWED
    assert verdict(machine, clone, argument=17) == ALLOWED
    assert verdict(machine, clone, argument=USER_NAMESPACE | 17) == REFUSED


@pytest.mark.parametrize("machine", ARCHES)
def test_clone3_does_not_exist_when_asked(machine):
    assert verdict(machine, 435) == 0x00050000 | errno.ENOSYS


def test_numbers_are_those_of_the_kernel_headers():
    # Two calls that differ between the architectures, from asm/unistd_64.h and asm-generic/unistd.h.
    assert seccomp.DENIED["socket"] == (41, 198)
    assert seccomp.DENIED["ptrace"] == (101, 117)


def test_machine_is_supported_when_it_has_a_program(monkeypatch):
    assert seccomp.supported() == (platform.machine() in ARCHES)

    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not seccomp.supported()


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("machine", ARCHES)
def test_program_is_short_enough_and_every_jump_stays_inside(machine, shared):
    code = list(struct.iter_unpack("<HBBI", seccomp.program(machine, shared=shared)))

    assert len(code) < 4096  # BPF_MAXINSNS
    assert code[-1] == (0x06, 0, 0, ALLOWED)
    for at, (operation, if_true, if_false, _) in enumerate(code):
        if operation in {0x15, 0x35, 0x45}:
            assert at + 1 + max(if_true, if_false) < len(code)


@pytest.mark.parametrize("machine", ARCHES)
def test_every_call_number_is_decided_and_only_the_listed_ones_are_refused(machine):
    column = list(ARCHES).index(machine)
    denied = {pair[column] for pair in seccomp.DENIED.values()} - {None}

    refused = {number for number in range(600) if verdict(machine, number) != ALLOWED}

    assert refused == denied | {435}


@pytest.mark.parametrize("flag", [1 << 17, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30])
@pytest.mark.parametrize(("machine", "clone"), [("x86_64", 56), ("aarch64", 220)])
def test_each_kind_of_namespace_is_refused(machine, clone, flag):
    assert verdict(machine, clone, argument=flag | 17) == REFUSED


@pytest.mark.parametrize("number", [0x40000000, 0x40000000 + 56, 0x7FFFFFFF, 0xFFFFFFFF])
def test_no_number_above_the_x32_bit_passes(number):
    assert verdict("x86_64", number) == KILLED


@pytest.mark.parametrize(("machine", "other"), [("x86_64", "aarch64"), ("aarch64", "x86_64")])
def test_each_program_ends_the_calls_of_the_other_machine(machine, other):
    assert {verdict(machine, number, arch=ARCHES[other]) for number in (0, 1, 41, 198, 435)} == {KILLED}


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("connect", (42, 203)), ("unshare", (272, 97)), ("mount", (165, 40)), ("bpf", (321, 280)),
        ("keyctl", (250, 219)), ("setns", (308, 268)), ("io_uring_setup", (425, 425)), ("iopl", (172, None)),
    ],
)  # fmt: skip
def test_denied_number_is_that_of_the_call(name, numbers):
    assert seccomp.DENIED[name] == numbers


@pytest.mark.parametrize("machine", ARCHES)
def test_calls_on_what_is_shared_are_refused_only_where_it_is_shared(machine):
    column = list(ARCHES).index(machine)
    numbers = [pair[column] for pair in seccomp.DENIED_IF_SHARED.values() if pair[column] is not None]

    assert {verdict(machine, number, shared=True) for number in numbers} == {REFUSED}
    assert {verdict(machine, number) for number in numbers} == {ALLOWED}
    assert not set(numbers) & {pair[column] for pair in seccomp.DENIED.values()}


@pytest.mark.parametrize("machine", ARCHES)
@pytest.mark.parametrize("name", seccomp.OF_ITSELF_ONLY)
def test_call_on_another_process_is_refused_and_on_itself_allowed(machine, name):
    number = seccomp.OF_ITSELF_ONLY[name][list(ARCHES).index(machine)]

    assert verdict(machine, number, argument=0, shared=True) == ALLOWED
    assert verdict(machine, number, argument=1, shared=True) == REFUSED
    assert verdict(machine, number, argument=1) == ALLOWED


@pytest.mark.parametrize("machine", ARCHES)
def test_other_calls_keep_their_verdict_where_much_is_shared(machine):
    column = list(ARCHES).index(machine)
    ours = {pair[column] for pair in (*seccomp.DENIED_IF_SHARED.values(), *seccomp.OF_ITSELF_ONLY.values())}

    others = [number for number in range(480) if number not in ours]
    assert [verdict(machine, one, 1, shared=True) for one in others] == [verdict(machine, one, 1) for one in others]
