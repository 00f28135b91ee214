"""Run a command where no process may look into another, as in a container with a strict profile: seccomp forbids it.

`python confined.py COMMAND …`: `ptrace` and `process_vm_readv` are answered by EPERM, in all that the command starts.
"""

import ctypes
import os
import platform
import struct
import sys

NUMBERS = {"x86_64": (101, 310), "aarch64": (117, 270)}
"""The numbers of the two system calls, by machine."""
CAN_CONFINE = sys.platform == "linux" and platform.machine() in NUMBERS
_NO_NEW_PRIVS, _SECCOMP, _MODE_FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _EPERM = 0x7FFF0000, 0x00050001


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def confine() -> None:
    """Forbid both calls to this process and its children, for good."""
    ptrace, read_memory = NUMBERS[platform.machine()]
    program = b"".join(
        struct.pack("HBBI", *each)
        for each in [
            (_LOAD, 0, 0, 0),
            (_IF_EQUAL, 1, 0, ptrace),
            (_IF_EQUAL, 0, 1, read_memory),
            (_RETURN, 0, 0, _EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
    )
    held = ctypes.create_string_buffer(program)
    libc = ctypes.CDLL(None)
    assert libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(_SECCOMP, _MODE_FILTER, ctypes.byref(_Filter(len(program) // 8, ctypes.addressof(held)))) == 0


if __name__ == "__main__":
    confine()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - it is what this program is for
