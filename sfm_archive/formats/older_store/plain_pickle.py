"""A reader of pickles that hold plain values only: nothing in the data is ever named, called or run.

The older store kept its frames as pickles, and `pickle.load` runs whatever the file says (docs/facts.md, F27). The
standard library's restricted unpickler is not enough: a declared size or a memo index of a few bytes makes it allocate
gigabytes. This one reads dict, list, tuple, str, bytes, bytearray, int, float, bool and None, as `pickle.dumps` writes
them in protocols 0 to 5, and refuses everything else by its opcode.

Layout of the opcodes: the comments of CPython's `Lib/pickletools.py`. Protocols 0 to 2 write bytes, and 3 and 4 write
bytearrays, as the call of a named function; those are refused like any other call.

What keeps hostile data harmless:

- one loop over opcodes, at most `max_items` of them; no recursion, neither here nor in what is done to values
- a declared length is compared with what is left before anything is allocated
- the memo is a dict, so its indexes allocate nothing
- only values that hash in constant time become keys (a tuple of shared tuples hashes for ever)
- nesting and size are measured at the end with every shared container counted wherever it stands; a list that
  holds itself, or a few bytes that would print as gigabytes, go past a limit
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any, Final, Never

from sfm_archive.errors import BadInput

MAX_SIZE: Final = 64 * 1024 * 1024
"""Bytes of a pickle. The memory of a unit is a few MiB, and a sidecar holds one event of it."""

MAX_DEPTH: Final = 16
"""Containers inside each other. A sidecar has three."""

MAX_ITEMS: Final = 1_000_000
"""Opcodes, and items in all containers. A sidecar has about twenty for each frame of 0x200 bytes."""

_MAX_INTEGER_BYTES = 255
_MAX_NUMBER_CHARACTERS = 640
"""Reading decimal digits takes quadratic time; 255 bytes are 614 digits."""

_INTEGER_KEYS = 2**60
"""Integers below their hash modulus, 2**61 − 1, hash to themselves; multiples of it would all collide."""

_PROTO, _FRAME, _STOP, _MARK = 0x80, 0x95, ord("."), ord("(")
_MEMOIZE, _BINGET, _BININT1 = 0x94, ord("h"), ord("K")
_NEWTRUE, _NEWFALSE = 0x88, 0x89

_KEEP = "keep the file as received and do not open it with Python's pickle"


def load_plain_pickle(
    data: bytes, *, max_size: int = MAX_SIZE, max_depth: int = MAX_DEPTH, max_items: int = MAX_ITEMS
) -> object:
    """The plain value that a pickle holds; equal to `pickle.loads(data)` where this one accepts.

    `max_size`: bytes. `max_depth`: containers inside each other, a value that is none having depth 0. `max_items`:
    opcodes, of which each value takes at least one; and items in all containers, a shared one counted at each place.

    Raises BadInput, with the byte offset, for anything that names or calls something, any type that is not plain, a
    tuple as a key, two values for one key, bytes after the end, malformed data, and whatever passes a limit.
    """
    if len(data) > max_size:
        raise BadInput(
            f"pickle of {len(data)} bytes: this program reads up to {max_size}; look at what it is, or raise the limit"
        )
    value = _Machine(data).run(max_items)
    _check_nesting(value, max_depth, max_items)
    return value


class _MalformedError(Exception):
    """What is wrong at the current opcode; `_Machine.run` adds where that is."""


class _Machine:
    """A pickle machine without any way to name a thing: a stack, marks on it, a memo."""

    __slots__ = ("data", "marks", "memo", "stack")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, max_opcodes: int) -> object:
        # The opcodes that make up most of a sidecar are done in place; the others have a function each.
        data, stack, memo, handlers = self.data, self.stack, self.memo, _HANDLERS
        start = at = 0
        try:
            for _ in range(max_opcodes):
                start = at
                opcode = data[at]
                at += 1
                if opcode == _BINGET:
                    stack.append(memo[data[at]])
                    at += 1
                elif opcode == _BININT1:
                    stack.append(data[at])
                    at += 1
                elif opcode == _MEMOIZE:
                    memo[len(memo)] = stack[-1]
                elif opcode == _NEWTRUE:
                    stack.append(True)
                elif opcode == _NEWFALSE:
                    stack.append(False)
                elif opcode == _STOP:
                    return self._result(at)
                else:
                    at = handlers.get(opcode, _refuse)(self, at)
            problem = f"more than {max_opcodes} opcodes, the most that this program reads"
        except _MalformedError as error:
            problem = str(error)
        except KeyError:
            problem = "a memo entry that was never written"
        except (IndexError, struct.error):
            problem = "the data ends, or a value is taken that is not there"
        except (ValueError, OverflowError) as error:
            problem = f"not a value ({type(error).__name__})"
        raise BadInput(f"pickle, byte {start}: {problem}; {_KEEP}")

    def _result(self, at: int) -> object:
        if len(self.stack) != 1 or self.marks:
            values, marks = len(self.stack), len(self.marks)
            raise _MalformedError(f"stops with {values} values and {marks} marks, not with one value")
        if at != len(self.data):
            raise _MalformedError(f"{len(self.data) - at} bytes after the end")
        return self.stack[0]

    def take(self, count: int | None) -> list[Any]:
        """The topmost `count` values, removed, never one below a mark; None: all above the last mark, and the mark."""
        if count is not None:
            start = len(self.stack) - count
            self._check_fence(start)
        elif self.marks:
            start = self.marks.pop()
        else:
            raise _MalformedError("no mark to go back to")
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def top(self, kind: type) -> Any:
        """The topmost value, which must be of this type, and stay."""
        self._check_fence(len(self.stack) - 1)
        target = self.stack[-1]
        if type(target) is not kind:
            raise _MalformedError(f"adds to a {type(target).__name__} as if it were a {kind.__name__}")
        return target

    def _check_fence(self, start: int) -> None:
        if start < (self.marks[-1] if self.marks else 0):
            raise _MalformedError("takes more values than there are")


_Handler = Callable[[_Machine, int], int]
"""Does one opcode; gets and returns the offset of the byte that follows what it read."""


# --- values ---


def _value(make: Callable[[], Any]) -> _Handler:
    def push(machine: _Machine, at: int) -> int:
        machine.stack.append(make())
        return at

    return push


def _fixed(layout: str) -> _Handler:
    number = struct.Struct(layout)

    def push(machine: _Machine, at: int) -> int:
        machine.stack.append(number.unpack_from(machine.data, at)[0])
        return at + number.size

    return push


def _counted(prefix: int, make: Callable[[bytes], Any]) -> _Handler:
    """A value behind its own length, a little-endian number of `prefix` bytes."""

    def push(machine: _Machine, at: int) -> int:
        data = machine.data
        begin = at + prefix
        end = begin + int.from_bytes(data[at:begin], "little")
        if end > len(data):
            raise _MalformedError(f"declares {end - begin} bytes where {max(0, len(data) - begin)} are left")
        machine.stack.append(make(data[begin:end]))
        return end

    return push


def _text(raw: bytes) -> str:
    # "surrogatepass" as pickle does it: a file name from a foreign file system may hold half a character.
    return str(raw, "utf-8", "surrogatepass")


def _integer(raw: bytes) -> int:
    if len(raw) > _MAX_INTEGER_BYTES:
        raise _MalformedError(f"an integer of {len(raw)} bytes; this program reads up to {_MAX_INTEGER_BYTES}")
    return int.from_bytes(raw, "little", signed=True)


# --- lines of protocol 0 ---

_DECIMAL = re.compile(rb"-?[0-9]+")
_FLOAT = re.compile(rb"-?(?:nan|inf|[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?)")


def _line(make: Callable[[bytes], Any]) -> _Handler:
    def push(machine: _Machine, at: int) -> int:
        raw, following = _read_line(machine.data, at)
        machine.stack.append(make(raw))
        return following

    return push


def _read_line(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\n", at)
    if end < 0:
        raise _MalformedError("a line without its end")
    return data[at:end], end + 1


def _decimal(raw: bytes) -> int:
    if len(raw) > _MAX_NUMBER_CHARACTERS or not _DECIMAL.fullmatch(raw):
        raise _MalformedError(f"{raw[:40]!r} is not an integer that is read")
    return int(raw)


def _integer_or_bool(raw: bytes) -> int:
    # Protocols 0 and 1 have no booleans of their own: an integer with a leading zero is one.
    if raw in (b"00", b"01"):
        return raw == b"01"
    return _decimal(raw)


def _float(raw: bytes) -> float:
    if len(raw) > _MAX_NUMBER_CHARACTERS or not _FLOAT.fullmatch(raw):
        raise _MalformedError(f"{raw[:40]!r} is not a number")
    return float(raw)


# --- memo ---


def _put(size: int) -> _Handler:
    def put(machine: _Machine, at: int) -> int:
        machine.memo[_read_index(machine.data, at, size)] = machine.stack[-1]
        return at + size

    return put


def _long_get(machine: _Machine, at: int) -> int:
    machine.stack.append(machine.memo[_read_index(machine.data, at, 4)])
    return at + 4


def _read_index(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise _MalformedError("the data ends inside a memo index")
    return int.from_bytes(data[at : at + size], "little")


def _put_line(machine: _Machine, at: int) -> int:
    raw, following = _read_line(machine.data, at)
    machine.memo[_decimal(raw)] = machine.stack[-1]
    return following


def _get_line(machine: _Machine, at: int) -> int:
    raw, following = _read_line(machine.data, at)
    machine.stack.append(machine.memo[_decimal(raw)])
    return following


# --- containers ---

_TEXT_ONLY = frozenset({str})
_KEY_TYPES = frozenset({str, bytes, float, bool, type(None)})


def _mark(machine: _Machine, at: int) -> int:
    machine.marks.append(len(machine.stack))
    return at


def _built(kind: Callable[[list[Any]], Any], count: int | None = None) -> _Handler:
    def build(machine: _Machine, at: int) -> int:
        machine.stack.append(kind(machine.take(count)))
        return at

    return build


def _extended(kind: type, add: Callable[[Any, list[Any]], object], count: int | None = None) -> _Handler:
    def extend(machine: _Machine, at: int) -> int:
        taken = machine.take(count)
        add(machine.top(kind), taken)
        return at

    return extend


def _fill(target: dict[Any, Any], items: list[Any]) -> dict[Any, Any]:
    keys = items[::2]
    if len(items) % 2:
        raise _MalformedError("a key without its value")
    if not _TEXT_ONLY.issuperset(map(type, keys)):
        for key in keys:
            if type(key) not in _KEY_TYPES and not (type(key) is int and abs(key) < _INTEGER_KEYS):
                raise _MalformedError(f"a key of type {type(key).__name__}; texts, bytes and small numbers are read")
    expected = len(target) + len(keys)
    target.update(zip(keys, items[1::2], strict=True))
    if len(target) != expected:
        raise _MalformedError("two values for one key")
    return target


# --- the frame of the pickle ---


def _protocol(machine: _Machine, at: int) -> int:
    version = machine.data[at]
    if at != 1:
        raise _MalformedError("a protocol header inside the data")
    if version > 5:
        raise _MalformedError(f"protocol {version}; 0 to 5 are read")
    return at + 1


def _frame(machine: _Machine, at: int) -> int:
    # Frames only help a reader of streams; with all data at hand, that a frame fits is all there is to check.
    length = int.from_bytes(machine.data[at : at + 8], "little")
    left = len(machine.data) - at - 8
    if length > left:
        raise _MalformedError(f"declares a frame of {length} bytes where {max(0, left)} are left")
    return at + 8


# --- what is refused ---

_CALLS = {
    ord("R"): "REDUCE", ord("b"): "BUILD", ord("o"): "OBJ", 0x81: "NEWOBJ", 0x92: "NEWOBJ_EX",
    ord("P"): "PERSID", ord("Q"): "BINPERSID", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4",
}  # fmt: skip

_NOT_PLAIN = {
    # text or bytes of Python 2, which cannot be known
    ord("S"): "STRING", ord("T"): "BINSTRING", ord("U"): "SHORT_BINSTRING",
    0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET",
    # data that lies outside the pickle
    0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
    # written for tuples that hold themselves, or never
    ord("0"): "POP", ord("1"): "POP_MARK", ord("2"): "DUP",
}  # fmt: skip

_GLOBAL, _INST, _STACK_GLOBAL = ord("c"), ord("i"), 0x93


def _refuse(machine: _Machine, at: int) -> Never:
    opcode = machine.data[at - 1]
    if opcode in (_GLOBAL, _INST):
        module, _, rest = machine.data[at : at + 400].partition(b"\n")
        imported = b".".join((module, rest.partition(b"\n")[0]))
        shown = imported[:100].decode("ascii", "backslashreplace")
        raise _MalformedError(f"{'GLOBAL' if opcode == _GLOBAL else 'INST'} names {shown!r}; nothing was run")
    if opcode == _STACK_GLOBAL:
        parts = [part[:100] for part in machine.stack[-2:] if isinstance(part, str)]
        raise _MalformedError(f"STACK_GLOBAL names {'.'.join(parts)!r}; nothing was run")
    if opcode in _CALLS:
        raise _MalformedError(f"{_CALLS[opcode]} would make or call something; nothing was run")
    if opcode in _NOT_PLAIN:
        raise _MalformedError(f"{_NOT_PLAIN[opcode]} makes something else than plain values")
    raise _MalformedError(f"0x{opcode:02x} is not an opcode")


_HANDLERS: dict[int, _Handler] = {
    _PROTO: _protocol,
    _FRAME: _frame,
    _MARK: _mark,
    ord("N"): _value(lambda: None),
    ord("J"): _fixed("<i"),  # BININT
    ord("M"): _fixed("<H"),  # BININT2
    ord("G"): _fixed(">d"),  # BINFLOAT
    0x8A: _counted(1, _integer),  # LONG1
    0x8B: _counted(4, _integer),  # LONG4
    0x8C: _counted(1, _text),  # SHORT_BINUNICODE
    ord("X"): _counted(4, _text),  # BINUNICODE
    0x8D: _counted(8, _text),  # BINUNICODE8
    ord("C"): _counted(1, bytes),  # SHORT_BINBYTES
    ord("B"): _counted(4, bytes),  # BINBYTES
    0x8E: _counted(8, bytes),  # BINBYTES8
    0x96: _counted(8, bytearray),  # BYTEARRAY8
    ord("I"): _line(_integer_or_bool),
    ord("L"): _line(lambda raw: _decimal(raw.removesuffix(b"L"))),
    ord("F"): _line(_float),
    ord("V"): _line(lambda raw: str(raw, "raw-unicode-escape")),
    ord("p"): _put_line,
    ord("q"): _put(1),  # BINPUT
    ord("r"): _put(4),  # LONG_BINPUT
    ord("g"): _get_line,
    ord("j"): _long_get,
    ord(")"): _value(tuple),
    0x85: _built(tuple, 1),
    0x86: _built(tuple, 2),
    0x87: _built(tuple, 3),
    ord("t"): _built(tuple),
    ord("]"): _value(list),
    ord("l"): _built(list),
    ord("a"): _extended(list, list.extend, 1),
    ord("e"): _extended(list, list.extend),
    ord("}"): _value(dict),
    ord("d"): _built(lambda items: _fill({}, items)),
    ord("s"): _extended(dict, _fill, 2),
    ord("u"): _extended(dict, _fill),
}

_CONTAINERS = frozenset({dict, list, tuple})


def _check_nesting(value: object, max_depth: int, max_items: int) -> None:
    """Level by level, each container counted wherever it stands: cycles run into the limits too."""
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    depth = items = 0
    while level:
        depth += 1
        if depth > max_depth:
            raise BadInput(
                f"pickle: more than {max_depth} containers inside each other, the most that this program reads; {_KEEP}"
            )
        below: list[Any] = []
        for container in level:
            items += len(container)
            if items > max_items:
                raise BadInput(
                    f"pickle: more than {max_items} items, shared ones counted each time, the most that this "
                    f"program reads; {_KEEP}"
                )
            members = container.values() if type(container) is dict else container
            below += [member for member in members if type(member) in _CONTAINERS]
        level = below
