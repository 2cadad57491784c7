"""`sfm decoders`, and `sfm analyse --decoder`."""

from __future__ import annotations

from sfm_archive.base.version import __version__

TABLE = f"""\
decoder     package         version  description
halved@1    halved-decoder  1.0      half of every count
waveform@1  sfm-archive     {__version__}    waveforms and histograms of a MiniMate Plus; needs numpy
"""


def test_what_is_installed_and_what_an_archive_pins(sfm, quarry, halved_decoder):
    assert sfm("decoders").stdout == TABLE
    result = sfm("decoders", quarry)
    assert [line[0] for line in result.stdout.splitlines()] == [" ", " ", "*"]
    assert result.stderr == "quarry.sfm pins waveform@1\n"
    assert "pinned decoder" in sfm("info", quarry).stdout
    document = sfm.json("decoders", quarry)
    assert (document["pinned"], document["change"]) == ("waveform@1", None)


def test_a_switch_is_tried_first_and_then_made(sfm, quarry, halved_decoder):
    head = sfm.json("info", quarry)["history_head"]
    tried = sfm("decoders", quarry, "--pin", halved_decoder, "--dry-run")
    assert "pin would move from waveform@1 to halved@1; nothing changed: dry run. 7 events decoded" in tried.stderr
    assert "quarry.sfm pins waveform@1\n" in tried.stderr
    assert sfm.json("info", quarry)["history_head"] == head
    done = sfm("decoders", quarry, "--pin", halved_decoder)
    assert "quarry.sfm: pin moved from waveform@1 to halved@1. 7 events decoded" in done.stderr
    assert [done.stdout.split("decoder ")[0].rstrip(), "ppv" in done.stdout] == [
        tried.stdout.split("decoder ")[0].rstrip(),
        True,
    ]
    assert "history head " in done.stderr
    assert sfm.json("info", quarry)["pinned_decoder"] == halved_decoder
    assert "pin decoder" in sfm("history", quarry).stdout
    assert sfm("verify", quarry).exit_code == 0
    change = sfm.json("decoders", quarry, "--pin", "waveform@1")["change"]
    assert (change["after"], change["events"], change["dry_run"]) == ("waveform@1", 7, False)


def test_pinning_what_is_pinned_changes_nothing(sfm, quarry):
    assert sfm("decoders", quarry, "--pin", "waveform@1").stderr == "quarry.sfm pins waveform@1\n"


def test_a_decoder_that_nobody_can_run_is_not_pinned(sfm, quarry):
    sentence = sfm.error("decoders", quarry, "--pin", "waveform@9", code=3)
    assert sentence.startswith("decoder waveform@9 is not installed (installed: waveform@1); install the package")


def test_a_pin_needs_an_archive_and_a_dry_run_a_pin(sfm, quarry):
    assert sfm.usage_error("decoders", "--pin", "waveform@1").startswith("--pin needs the archive")
    assert sfm.usage_error("decoders", quarry, "--dry-run").startswith("--dry-run tries a switch")


def test_an_analysis_with_another_decoder_names_each_number_and_keeps_none(sfm, quarry, halved_decoder):
    result = sfm("analyse", quarry, "3", "--decoder", halved_decoder, code=1)
    assert "1 event with numbers that waveform@1, which is pinned, gives otherwise" in result.stdout
    assert "event 3: Tran ppv: " in result.stderr and "history head" not in result.stderr
    document = sfm.json("analyse", quarry, "--decoder", halved_decoder, code=1)
    assert (document["decoder"], document["pinned_decoder"], document["stored"]) == ("halved@1", "waveform@1", 0)
    changes = {item["event_id"]: item["changes"] for item in document["items"]}
    (peak,) = [one for one in changes[3] if (one["quantity"], one["channel"]) == ("ppv", "Vert")]
    assert 0.4 < peak["after"] / peak["before"] < 0.6
    assert sfm("verify", quarry).exit_code == 0


def test_an_archive_is_made_with_another_decoder(sfm, halved_decoder):
    assert "decoder halved@1 pinned" in sfm("create", "new.sfm", "--decoder", halved_decoder).stderr
