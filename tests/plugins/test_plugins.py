"""Loading plug-ins: what is broken is named and skipped, what is ambiguous is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib.metadata import EntryPoint
from random import Random
from types import ModuleType
from typing import Any

import pytest

from sfm_archive import testing
from sfm_archive.errors import EncodeRefused, EncoderNotFound, ExitCode, PluginConflict, UsageError
from sfm_archive.model.encoders import EncodedFile, EncoderName
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.api import FILE_PREFIX
from sfm_archive.plugins.contracts import Encoder
from sfm_archive.plugins.hookspecs import PROJECT, hookimpl, hookspec
from sfm_archive.plugins.loading import installed_entry_points, load_plugins
from sfm_archive.plugins.registry import PluginRegistry

EVENT = Event(serial="BE11529", recorded_at=datetime(2026, 5, 1))
FRAME = A5Frame(0xA5, 0, 16, bytes(20), 0, True)
Make = Callable[..., EntryPoint]


class Made(Encoder):
    """An encoder that gives back what it was told to."""

    def __init__(self, family: Any = "example", version: Any = 1, result: Any = None, description: Any = "x") -> None:
        self.family, self.version, self.description = family, version, description
        self.result = EncodedFile(b"bytes") if result is None else result

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes an importable module whose hook gives back these encoders, and its entry point."""
    made: list[str] = []

    def make_point(*encoders: Any, name: str | None = None, hook: Any = None) -> EntryPoint:
        module_name = f"made_plugin_{len(made)}"
        made.append(module_name)
        module = ModuleType(module_name)

        @hookimpl
        def sfm_encoders() -> Any:
            return list(encoders)

        module.sfm_encoders = sfm_encoders if hook is None else hook  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module_name, module)
        return EntryPoint(name or module_name, module_name, PROJECT)

    yield make_point


def names(registry: PluginRegistry) -> list[str]:
    return [str(registered.name) for registered in registry.encoders]


def test_the_encoders_of_this_project_are_found_through_entry_points() -> None:
    registry = load_plugins()
    assert {"blastware@1", "blastware@2"} <= {*names(registry)}
    assert registry.load_errors == ()
    source = registry.encoder("blastware@2").source
    assert (source.entry_point, source.module, source.distribution) == (
        "blastware-2",
        "sfm_blastware.v2",
        "sfm-archive",
    )
    assert str(source) == f"'blastware-2' (sfm_blastware.v2) of sfm-archive {source.distribution_version}"
    assert {point.name for point in installed_entry_points()} >= {"blastware-1", "blastware-2"}


def test_encoders_are_ordered_by_family_and_number() -> None:
    registry = load_plugins()
    assert registry.encoder(EncoderName("blastware", 1)) is registry.encoder("blastware@1")


def test_versions_sort_as_numbers(make: Make) -> None:
    assert names(load_plugins([make(Made(version=10), Made(version=9)), make(Made("another", 30))])) == [
        "another@30",
        "example@9",
        "example@10",
    ]


@pytest.mark.parametrize(
    "trouble",
    [ImportError("no such library"), SyntaxError("bad"), ZeroDivisionError("oh"), SystemExit("bye"), RuntimeError("x")],
)
def test_a_module_that_fails_on_import_is_named_and_the_others_work(
    trouble: BaseException, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "failing_plugin.py").write_text(f"raise {type(trouble).__name__}({str(trouble)!r})\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry = load_plugins([EntryPoint("broken", "failing_plugin", PROJECT), make(Made())])
    assert names(registry) == ["example@1"]
    (error,) = registry.load_errors
    assert error.source.entry_point == "broken"
    assert error.reason == f"{type(trouble).__name__}: {trouble}"


def test_an_entry_point_to_nothing_is_named(make: Make) -> None:
    registry = load_plugins([EntryPoint("gone", "no_such_module_anywhere", PROJECT), make(Made())])
    assert names(registry) == ["example@1"]
    assert "no_such_module_anywhere" in registry.load_errors[0].reason


def test_a_misspelt_hook_is_named_and_the_others_work(make: Make) -> None:
    module = ModuleType("misspelt")

    @hookimpl
    def sfm_encoder() -> list[Made]:
        return [Made("misspelt")]

    module.sfm_encoder = sfm_encoder  # type: ignore[attr-defined]
    sys.modules["misspelt_plugin"] = module
    try:
        registry = load_plugins([EntryPoint("misspelt", "misspelt_plugin", PROJECT), make(Made())])
    finally:
        del sys.modules["misspelt_plugin"]
    assert names(registry) == ["example@1"]
    (error,) = registry.load_errors
    assert error.source.entry_point == "misspelt"
    assert "sfm_encoder" in error.reason


def test_a_hook_without_its_mark_is_named_instead_of_being_silently_nothing(make: Make) -> None:
    def sfm_encoders() -> list[Made]:
        return [Made()]

    registry = load_plugins([make(hook=sfm_encoders)])
    assert names(registry) == []
    assert "@hookimpl" in registry.load_errors[0].reason


def test_a_hook_with_unknown_parameters_is_named(make: Make) -> None:
    @hookimpl
    def sfm_encoders(archive: object) -> list[Made]:
        return [Made()]

    registry = load_plugins([make(hook=sfm_encoders), make(Made())])
    assert names(registry) == ["example@1"]
    assert len(registry.load_errors) == 1


@pytest.mark.parametrize(
    "offered",
    [
        None,
        object(),
        "blastware@3",
        Made,
        Made(family="Upper"),
        Made(family="a b"),
        Made(family=None),
        Made(version="1"),
        Made(version=True),
        Made(version=-1),
        Made(version=1.0),
        Made(description=None),
    ],
)
def test_what_is_no_encoder_is_named_and_the_others_work(offered: Any, make: Make) -> None:
    registry = load_plugins([make(offered), make(Made("other"))])
    assert names(registry) == ["other@1"]
    assert len(registry.load_errors) == 1


@pytest.mark.parametrize("given", [None, 5])
def test_a_hook_that_gives_no_list_is_named(given: Any, make: Make) -> None:
    @hookimpl
    def sfm_encoders() -> Any:
        return given

    assert load_plugins([make(hook=sfm_encoders)]).load_errors[0].reason.startswith("TypeError")


def test_of_a_plugin_with_one_bad_encoder_none_is_taken(make: Make) -> None:
    assert names(load_plugins([make(Made("good"), object())])) == []


def test_two_plugins_for_one_encoder_are_refused_with_both_names(make: Make) -> None:
    one, two = make(Made(), name="one"), make(Made(), name="two")
    for points in ([one, two], [two, one]):
        with pytest.raises(PluginConflict, match=r"example@1.*'one'|example@1.*'two'") as caught:
            load_plugins(points)
        assert "'one'" in str(caught.value)
        assert "'two'" in str(caught.value)
        assert caught.value.exit_code is ExitCode.USAGE


def test_nothing_can_shadow_a_released_encoder(make: Make) -> None:
    with pytest.raises(PluginConflict, match="blastware@2"):
        load_plugins([*installed_entry_points(), make(Made("blastware", 2))])


def test_two_plugins_of_one_entry_point_name_are_refused(make: Make) -> None:
    # pluggy alone would skip the second one without a word.
    with pytest.raises(PluginConflict, match="entry-point name 'same'"):
        load_plugins([make(Made("a"), name="same"), make(Made("b"), name="same")])


def test_an_encoder_that_is_not_installed_is_named_with_what_is_and_what_failed(make: Make) -> None:
    registry = load_plugins([make(Made()), EntryPoint("gone", "no_such_module_anywhere", PROJECT)])
    with pytest.raises(EncoderNotFound) as caught:
        registry.encoder("blastware@2")
    text = str(caught.value)
    assert text.startswith("encoder blastware@2 is not installed (installed: example@1); plug-in 'gone'")
    assert "no_such_module_anywhere" in text
    assert "--encoder" in text
    with pytest.raises(EncoderNotFound, match="installed: none"):
        load_plugins([]).encoder("example@1")
    with pytest.raises(UsageError, match="family@version"):
        registry.encoder("example")


@pytest.mark.parametrize(
    "trouble", [ValueError("bad byte"), MemoryError(), RecursionError("deep"), AssertionError(), KeyError("x")]
)
def test_an_encoder_that_breaks_refuses_and_says_whose_it_is(trouble: Exception, make: Make) -> None:
    encoder = load_plugins([make(Made(result=trouble))]).encoder("example@1")
    with pytest.raises(EncodeRefused, match="report it to an unknown package") as caught:
        encoder.encode(EVENT, [FRAME])
    assert type(trouble).__name__ in str(caught.value)
    assert [finding.code for finding in caught.value.findings] == ["encoder-failed"]
    assert caught.value.findings[0].severity is Severity.REFUSAL


@pytest.mark.parametrize(
    "result",
    [
        EncodedFile(b""),
        EncodedFile(bytearray(b"x")),  # type: ignore[arg-type]
        EncodedFile("text"),  # type: ignore[arg-type]
        EncodedFile(b"x", ("not a finding",)),  # type: ignore[arg-type]
        EncodedFile(b"x", [Finding(code="c", message="m")]),  # type: ignore[arg-type]
        b"bytes",
        0,
    ],
)
def test_an_empty_or_shapeless_result_never_stands_for_a_file(result: Any, make: Make) -> None:
    encoder = load_plugins([make(Made(result=result))]).encoder("example@1")
    with pytest.raises(EncodeRefused, match="returned no file") as caught:
        encoder.encode(EVENT, [FRAME])
    assert [finding.code for finding in caught.value.findings] == ["encoder-failed"]


def test_a_refusal_goes_through_with_its_findings(make: Make) -> None:
    reason = Finding(code="too-old", message="before 1985", severity=Severity.REFUSAL)
    encoder = load_plugins([make(Made(result=EncodeRefused("no", (reason,))))]).encoder("example@1")
    with pytest.raises(EncodeRefused) as caught:
        encoder.encode(EVENT, [FRAME])
    assert caught.value.findings == (reason,)


@pytest.mark.parametrize("findings", [(), "text", ("x",), None])
def test_a_refusal_without_findings_still_says_why(findings: Any, make: Make) -> None:
    encoder = load_plugins([make(Made(result=EncodeRefused("because of that", findings)))]).encoder("example@1")
    with pytest.raises(EncodeRefused) as caught:
        encoder.encode(EVENT, [FRAME])
    assert [finding.message for finding in caught.value.findings] == ["because of that"]


def test_the_example_of_an_encoder_works(documented: Callable[[str], EntryPoint]) -> None:
    registry = load_plugins([documented("plugin")])
    assert registry.load_errors == ()
    event = testing.simulate_waveform(Random(1), seconds=1.0)
    data = registry.encoder("memory@1").encode(EVENT, testing.read_out(event)).data
    assert FILE_PREFIX + data == testing.blastware_file(event)


def test_hook_marks_belong_to_this_project() -> None:
    assert (hookspec.project_name, hookimpl.project_name) == ("sfm_archive", "sfm_archive")
