"""The plain pickle reader: equal to pickle where it accepts; nothing hostile runs, hangs or eats memory."""

from __future__ import annotations

import collections
import datetime
import math
import os
import pickle
import struct
import time
import tracemalloc
from contextlib import contextmanager

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sfm_archive.errors import BadInput
from sfm_archive.formats.older_store.plain_pickle import load_plain_pickle

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
PLAIN_TYPES = (dict, list, tuple, str, bytes, bytearray, int, float, bool, type(None))

small_integer = st.integers(-(2**59), 2**59)
key = st.text(max_size=8) | small_integer | st.booleans() | st.none() | st.floats(allow_nan=False)
leaf_of_any_protocol = key | st.integers(-(2**2000), 2**2000)


def nested(leaf, keys):
    def containers(child):
        lists = st.lists(child, max_size=4)
        return lists | lists.map(tuple) | st.dictionaries(keys, child, max_size=4)

    return st.recursive(leaf, containers, max_leaves=12)


plain = nested(leaf_of_any_protocol, key)
plain_with_bytes = nested(leaf_of_any_protocol | st.binary(max_size=300), key | st.binary(max_size=4))
plain_with_bytearrays = nested(leaf_of_any_protocol | st.binary(max_size=9).map(bytearray), key)

FRAMES = {
    "version": 1,
    "frames": [
        {
            "sub": 0xA5,
            "page_hi": 0,
            "page_lo": 0x10,
            "data": bytes(range(256)) * 2 + bytes((position,)),
            "chk_byte": position,
            "checksum_valid": position % 2 == 0,
        }
        for position in range(17)
    ],
}


def same(one, other):
    """Equal with equal types at every depth: 1, 1.0 and True are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def refused(data, reason="", **limits):
    with pytest.raises(BadInput, match=reason):
        load_plain_pickle(data, **limits)


@contextmanager
def little(seconds=2.0, mebibytes=160):
    """Fails when what is inside took long or much memory; a slow and busy machine may take thirty times as long."""
    tracemalloc.start()
    begun = time.perf_counter()
    try:
        yield
        took, peak = time.perf_counter() - begun, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert took < seconds * 30
    assert peak < mebibytes * 2**20


# --- accepted ---


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(value=plain)
@example(value={"a": (1,), "b": (1, 2), "c": (1, 2, 3), "d": (1, 2, 3, 4), "e": (), "f": [], "g": {}})
@example(value=[True, False, None, 0, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -1, -(2**31), -(2**31) - 1])
@example(value=["", "ä\n\\u0041\r\x00\x1a€😀", "x" * 255, "x" * 256, "\ud800"])
@example(value=[0.0, -0.0, 1e300, 5e-324, math.inf, -math.inf])
@example(value=list(range(2100)))  # more than one batch
@example(value={str(number): number for number in range(1100)})
def test_plain_values_come_back_in_every_protocol(value, protocol):
    assert same(load_plain_pickle(pickle.dumps(value, protocol)), value)


@pytest.mark.parametrize("protocol", [3, 4, 5])
@given(value=plain_with_bytes)
@example(value=[b"", b"x" * 255, b"x" * 256, b"x" * 70_000])
def test_bytes_come_back_in_the_protocols_that_hold_them(value, protocol):
    assert same(load_plain_pickle(pickle.dumps(value, protocol)), value)


@given(value=plain_with_bytearrays)
def test_bytearrays_come_back_in_protocol_5(value):
    assert same(load_plain_pickle(pickle.dumps(value, 5)), value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_not_a_number_comes_back(protocol):
    assert math.isnan(load_plain_pickle(pickle.dumps(math.nan, protocol)))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_value_that_stands_in_two_places_comes_back_in_both(protocol):
    shared = ["once"]
    value = [shared, {"a": shared}, shared]
    assert load_plain_pickle(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_the_frames_of_a_sidecar_come_back(protocol):
    assert same(load_plain_pickle(pickle.dumps(FRAMES, protocol)), FRAMES)


def test_the_pure_python_pickler_is_read_too():
    assert same(load_plain_pickle(pickle._dumps(FRAMES, 4)), FRAMES)


def test_lengths_of_eight_bytes_are_read():
    text = b"\x8d" + struct.pack("<Q", 2) + "é".encode()
    raw = b"\x8e" + struct.pack("<Q", 2) + b"ab"
    assert load_plain_pickle(b"\x80\x04" + text + raw + b"\x86.") == ("é", b"ab")


def test_memo_indexes_of_four_bytes_are_read():
    assert load_plain_pickle(b"K\x07r\xff\xff\xff\xffj\xff\xff\xff\xff\x86.") == (7, 7)


# --- agreement with pickle on arbitrary data ---


def plain_value(value):
    pending, seen = [value], 0
    while pending:
        item = pending.pop()
        seen += 1
        assert seen < 100_000
        assert type(item) in PLAIN_TYPES
        if isinstance(item, dict):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            pending += item
    return True


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_or_plain(data):
    try:
        value = load_plain_pickle(data)
    except BadInput:
        return
    assert plain_value(value)


OPCODES = b"(.N\x88\x89K\x01M\x02\x03]}l)t\x85\x86\x87aesud\x94h\x00q\x00\x8c\x01aC\x01aI1\nF1\nVa\np0\ng0\nL1L\n"


@given(st.lists(st.sampled_from(OPCODES), max_size=60).map(bytes), st.integers(0, 5))
def test_opcodes_in_any_order_are_refused_or_plain_and_as_pickle_reads_them(opcodes, protocol):
    data = bytes((0x80, protocol)) + opcodes + b"."
    try:
        value = load_plain_pickle(data)
    except BadInput:
        return
    # No opcode here can name anything, so pickle itself may be asked.
    assert plain_value(value)
    assert same(pickle.loads(data), value)


@given(st.sampled_from(PROTOCOLS), st.data())
def test_a_damaged_pickle_is_refused_or_plain(protocol, data):
    value = FRAMES if protocol > 2 else {"version": 1, "list": ["a", 1.5, 2**70, None, (True, "ä")]}
    damaged = bytearray(pickle.dumps(value, protocol))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(damaged) - 1))
        damaged[position : position + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        assume(damaged)
    try:
        value = load_plain_pickle(bytes(damaged))
    except BadInput:
        return
    assert plain_value(value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_pickle_that_is_cut_short_is_refused(protocol):
    whole = pickle.dumps({"a": [1, 2.5, "text", 2**40, (None, True)]}, protocol)
    assert load_plain_pickle(whole)
    for end in range(len(whole)):
        refused(whole[:end], r"^pickle, byte \d+: ")


# --- refused by name: everything that names or calls ---


class Reduces:
    def __init__(self, result):
        self.result = result

    def __reduce__(self):
        return self.result


class Plain:
    pass


Pair = collections.namedtuple("Pair", "a b")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_call_is_refused_by_the_name_it_would_import_and_not_run(protocol, tmp_path):
    trace = tmp_path / "was-run"
    data = pickle.dumps({"frames": [Reduces((os.system, (f"touch {trace}",)))]}, protocol)
    named = f"{os.system.__module__}.system"
    refused(data, rf"byte \d+: (STACK_)?GLOBAL names '{named}'; nothing was run; keep the file")
    assert not trace.exists()


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        Reduces((eval, ("1",))), Plain, Pair(1, 2), collections.OrderedDict(a=1), {1, 2}, frozenset({1}),
        datetime.datetime(2026, 5, 1), complex(1, 2), len, range(3), collections.Counter("a"), Ellipsis,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_whatever_is_not_plain_is_refused(value, protocol):
    refused(pickle.dumps([value], protocol), "^pickle, byte ")


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_bytes_of_protocols_that_write_them_as_a_call_are_refused(protocol):
    refused(pickle.dumps(b"\xff", protocol), "GLOBAL names '_codecs.encode'")


ROUTES = {
    "GLOBAL": b"cos\nsystem\n(Vid\ntR.",
    "INST": b"(Vid\nios\nsystem\n.",
    "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.",
    "REDUCE": b"NK\x01\x85R.",
    "BUILD": b"}}b.",
    "OBJ": b"(Nos\n.",
    "NEWOBJ": b"\x80\x02N)\x81.",
    "NEWOBJ_EX": b"\x80\x04N)}\x92.",
    "EXT1": b"\x80\x02\x82\x01.",
    "EXT2": b"\x80\x02\x83\x01\x00.",
    "EXT4": b"\x80\x02\x84\x01\x00\x00\x00.",
    "PERSID": b"Pos.system\n.",
    "BINPERSID": b"NQ.",
    "NEXT_BUFFER": b"\x80\x05\x97.",
    "READONLY_BUFFER": b"\x80\x05]\x98.",
    "STRING": b"S'x'\n.",
    "BINSTRING": b"T\x01\x00\x00\x00x.",
    "SHORT_BINSTRING": b"U\x01x.",
    "EMPTY_SET": b"\x80\x04\x8f.",
    "FROZENSET": b"\x80\x04(\x91.",
    "ADDITEMS": b"\x80\x04](\x90.",
    "POP": b"NN0.",
    "POP_MARK": b"N(1.",
    "DUP": b"N2\x86.",
}


@pytest.mark.parametrize("opcode", ROUTES)
def test_every_route_to_a_name_is_refused_by_its_opcode(opcode):
    refused(ROUTES[opcode], rf"byte \d+: {opcode} ")


def test_each_opcode_of_pickle_is_either_read_or_refused_by_its_own_name():
    import pickletools

    from sfm_archive.formats.older_store import plain_pickle

    read = set(plain_pickle._HANDLERS) | {
        ord("."), ord("h"), ord("K"), 0x94, 0x88, 0x89,
    }  # fmt: skip
    refused_by_name = {opcode.code for opcode in pickletools.opcodes if opcode.name in ROUTES}
    assert {opcode.code for opcode in pickletools.opcodes} == {chr(code) for code in read} | refused_by_name
    assert not {chr(code) for code in read} & refused_by_name


@pytest.mark.parametrize("opcode", ["GLOBAL", "INST", "STACK_GLOBAL"])
def test_the_imported_name_is_shown(opcode):
    refused(ROUTES[opcode], f"{opcode} names 'os.system'")


def test_an_imported_name_of_any_length_or_content_is_shown_short_and_printable():
    with pytest.raises(BadInput) as caught:
        load_plain_pickle(b"c" + b"\x1b[31m\xff" * 100_000 + b"\nx\n.")
    assert len(str(caught.value)) < 800
    assert str(caught.value).isprintable()


# --- malformed ---


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "byte 0: the data ends"),
        (b".", "byte 0: stops with 0 values"),
        (b"NN.", "byte 2: stops with 2 values"),
        (b"(N.", "byte 2: stops with 1 values and 1 marks"),
        (b"N.N", "byte 1: 1 bytes after the end"),
        (b"\xff", "byte 0: 0xff is not an opcode"),
        (b"\x80\x06N.", "byte 0: protocol 6"),
        (b"N\x80\x04.", "byte 1: a protocol header inside"),
        (b"h\x00.", "byte 0: a memo entry that was never written"),
        (b"j\x00\x00\x00\x00.", "byte 0: a memo entry that was never written"),
        (b"g0\n.", "byte 0: a memo entry that was never written"),
        (b"q\x00.", "byte 0: "),
        (b"\x94.", "byte 0: "),
        (b"Nr\x00", "byte 1: the data ends inside a memo index"),
        (b"Nq\x00j\x00", "byte 3: the data ends inside a memo index"),
        (b"N\x86.", "byte 1: takes more values than there are"),
        (b"N(\x85.", "byte 2: takes more values than there are"),
        (b"](a.", "byte 2: takes more values than there are"),
        (b"t.", "byte 0: no mark"),
        (b"(u.", "byte 1: takes more values than there are"),
        (b"}(Nu.", "byte 3: a key without its value"),
        (b"}N(u.", "byte 3: adds to a NoneType as if it were a dict"),
        (b"](NNu.", "byte 4: adds to a list as if it were a dict"),
        (b"}Na.", "byte 2: adds to a dict as if it were a list"),
        (b")Na.", "byte 2: adds to a tuple as if it were a list"),
        (b"}]Ns.", "byte 3: a key of type list"),
        (b"})Ns.", "byte 3: a key of type tuple"),
        (b"}(K\x01NK\x01Nu.", "byte 8: two values for one key"),
        (b"}(K\x01N\x88Nu.", "byte 7: two values for one key"),
        (b"I12x\n.", "byte 0: .* is not an integer"),
        (b"I1_2\n.", "byte 0: .* is not an integer"),
        (b"I0x1f\n.", "byte 0: .* is not an integer"),
        (b"I12", "byte 0: a line without its end"),
        (b"F1_0\n.", "byte 0: .* is not a number"),
        (b"Fnope\n.", "byte 0: .* is not a number"),
        (b"p-1\n.", "byte 0: "),
        (b"\x8c\x01\xff.", "byte 0: not a value"),
        (b"V\\u12\n.", "byte 0: not a value"),
        (b"\x95\x05\x00\x00\x00\x00\x00\x00\x00N.", "byte 0: declares a frame of 5 bytes where 2 are left"),
        (b"G\x00", "byte 0: the data ends"),
        (b"J\x00", "byte 0: the data ends"),
    ],
)
def test_malformed_data_is_refused_with_its_offset(data, reason):
    refused(data, f"^pickle, {reason}")


# --- hostile ---


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04\x8e" + struct.pack("<Q", 2**63 - 1) + b".",  # BINBYTES8
        b"\x80\x04\x8d" + struct.pack("<Q", 2**64 - 1) + b".",  # BINUNICODE8
        b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b".",  # BYTEARRAY8
        b"B\xff\xff\xff\xff.",
        b"X\xff\xff\xff\xff.",
        b"\x8b\xff\xff\xff\x7f.",
        b"\x95" + struct.pack("<Q", 2**62) + b"N.",
    ],
    ids=["BINBYTES8", "BINUNICODE8", "BYTEARRAY8", "BINBYTES", "BINUNICODE", "LONG4", "FRAME"],
)
def test_a_declared_length_allocates_nothing(data):
    with little(mebibytes=1):
        refused(data, "declares ")


def test_a_memo_index_allocates_nothing():
    with little(mebibytes=1):
        assert load_plain_pickle(b"Nr\xff\xff\xff\xff.") is None
        assert load_plain_pickle(b"Np99999999999999999999\n.") is None


@pytest.mark.long
def test_many_memo_entries_run_into_the_limit_of_opcodes():
    with little():
        refused(b"N" + b"\x94" * 3_000_000 + b".", "more than 1000000 opcodes")


@pytest.mark.parametrize("number", [b"\x8a\xff" + b"\xff" * 255, b"\x8b\xff\x00\x00\x00" + b"\x7f" * 255])
def test_integers_of_255_bytes_are_read(number):
    assert load_plain_pickle(number + b".") == pickle.loads(number + b".")


@pytest.mark.parametrize(
    "data",
    [
        b"\x8b\x00\x01\x00\x00" + b"\x7f" * 256 + b".",
        b"\x8b" + struct.pack("<I", 10**7) + b"\x7f" * 10**7 + b".",
        b"I" + b"9" * 10**6 + b"\n.",
        b"L" + b"9" * 10**6 + b"L\n.",
        b"F" + b"9" * 10**6 + b"\n.",
        b"Np" + b"9" * 10**6 + b"\n.",
    ],
    ids=["LONG4", "LONG4 of megabytes", "INT", "LONG", "FLOAT", "PUT"],
)
def test_long_numbers_are_refused(data):
    with little():
        refused(data, "integer|number")


@pytest.mark.parametrize("size", [90_000, pytest.param(300_000, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "nested_bytes",
    [
        lambda size: b"N" + b"\x85" * size + b".",
        lambda size: b"]" * (size // 2) + b"a" * (size // 2 - 1) + b".",
        lambda size: b"(" * (size * 4 // 9) + b"t" * (size * 4 // 9) + b".",
        lambda size: b"(l" * (size // 3) + b"a" * (size // 3 - 1) + b".",
        lambda size: b"}" + b"K\x00}" * (size * 5 // 18) + b"s" * (size * 5 // 18) + b".",
    ],
    ids=["tuples", "lists", "marks", "lists of protocol 0", "dicts"],
)
def test_deep_nesting_is_refused_and_let_go_of_without_a_crash(nested_bytes, size):
    with little():
        refused(nested_bytes(size), "more than 16 containers inside each other")


def test_the_limit_of_depth_is_exact():
    assert load_plain_pickle(b"N" + b"\x85" * 16 + b".")
    refused(b"N" + b"\x85" * 17 + b".", "more than 16 containers")
    assert load_plain_pickle(b"N\x85\x85.", max_depth=2) == ((None,),)
    refused(b"N\x85\x85.", "more than 1 containers", max_depth=1)
    assert load_plain_pickle(b"N.", max_depth=0) is None


@pytest.mark.parametrize(
    "data",
    [
        b"]q\x00h\x00a.",
        b"}q\x00K\x01h\x00s.",
        b"]q\x00]h\x00aa.",
        b"]q\x00(h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00e.",
        b"]q\x00h\x00\x85a.",
    ],
    ids=["list", "dict", "two lists", "eight times", "through a tuple"],
)
def test_a_container_that_holds_itself_is_refused(data):
    with little():
        refused(data, "containers inside each other|items, shared ones counted")


def test_what_pickle_writes_for_a_list_that_holds_itself_is_refused():
    ring: list[object] = []
    ring.append(ring)
    for protocol in PROTOCOLS:
        refused(pickle.dumps(ring, protocol), "containers inside each other")


def numbered(values):
    return dict(enumerate(values))


@pytest.mark.parametrize("kind", [list, tuple, numbered])
def test_a_billion_laughs_are_refused(kind):
    laughs = kind(["ha"] * 10)
    for _ in range(12):
        laughs = kind([laughs] * 10)
    with little():
        refused(pickle.dumps(laughs, 4), "more than 1000000 items, shared ones counted each time")


def test_a_tuple_that_would_hash_for_ever_is_no_key():
    bomb = b"N\x85" + b"".join(b"q%ch%c\x86" % (index, index) for index in range(60))
    with little():
        refused(b"}" + bomb + b"Ns.", "a key of type tuple")


def test_integers_that_all_hash_alike_are_no_keys():
    modulus = 2**61 - 1
    colliding = (modulus * number for number in range(1, 100_000))
    keys = b"".join(b"\x8a\x0a" + number.to_bytes(10, "little") + b"N" for number in colliding)
    with little():
        refused(b"}(" + keys + b"u.", "a key of type int")


@pytest.mark.long
def test_keys_that_agree_in_their_low_bits_are_read_in_good_time():
    keys = {number << 40: None for number in range(2**16)}
    with little():
        assert load_plain_pickle(pickle.dumps(keys)) == keys


def test_more_bytes_than_allowed_are_refused_unread():
    data = pickle.dumps("x" * 1000)
    assert load_plain_pickle(data, max_size=len(data)) == "x" * 1000
    refused(data, f"pickle of {len(data)} bytes: this program reads up to {len(data) - 1}", max_size=len(data) - 1)


def test_the_limit_of_opcodes_is_exact():
    assert load_plain_pickle(b"NN\x86.", max_items=4) == (None, None)
    refused(b"NN\x86.", "byte 2: more than 3 opcodes", max_items=3)


def test_the_limit_of_items_counts_shared_containers_at_each_place():
    shared = [None] * 30
    data = pickle.dumps([shared] * 30, 4)
    expanded = 30 + 30 * 30
    assert load_plain_pickle(data, max_items=expanded) == [shared] * 30
    refused(data, f"more than {expanded - 1} items, shared", max_items=expanded - 1)
