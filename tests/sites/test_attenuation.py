"""Laws of attenuation of a job: which events are pairs, what is out and counted, and the charges of a limit."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

import sfm_archive as sfm
from sfm_archive.archive.running import note_running
from sfm_archive.cli import main
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource, ValueState, measured_reading
from sfm_archive.model.running import MONITORING_REPLY, Running
from tests.sites.conftest import OTHER, UNIT, save_histogram, save_waveform

START = datetime(2026, 5, 4, 11, 30)
DISTANCES = {"Church": 450.0, "School": 210.0}
SERIALS = {"Church": UNIT, "School": OTHER}
CHARGES = [120.0, 80.0, 40.0, 95.0, 20.0, 160.0]


def at(number: int) -> datetime:
    return START + timedelta(days=number)


def save_report(archive: sfm.Archive, serial: str, moment: datetime, *readings: Reading) -> int:
    """An event that is known by what a report says of it; its id."""
    origin = f"{archive.count() + 1:064x}"
    said = ReadingSet(source=ValueSource.REPORT, origin_sha256=origin, readings=readings)
    event = sfm.Event(serial=serial, recorded_at=moment, record_type=sfm.RecordType.WAVEFORM)
    return archive.save(event, readings=[said]).event_id


def peaks(mm_s: float, db: float | None = None) -> list[Reading]:
    found = [measured_reading("ppv", f"{mm_s * share:.9f} mm/s", one) for one, share in SHARES.items()]
    return found if db is None else [*found, measured_reading("pspl", f"{db:.2f} dB(L)", "MicL")]


SHARES = {"Tran": 0.6, "Vert": 1.0, "Long": 0.9}


def truth(distance: float, charge: float, random: Random) -> tuple[float, float]:
    """Greatest peak in mm/s and level in dB(L) about two laws."""
    ground = 900 * (distance / charge**0.5) ** -1.5 * 10 ** random.gauss(0, 0.1)
    pascals = 300 * (distance / charge ** (1 / 3)) ** -1.1 * 10 ** random.gauss(0, 0.05)
    return ground, 20 * math.log10(pascals / 20e-6)


@pytest.fixture
def measured(archive: sfm.Archive) -> Iterator[tuple[sfm.Archive, dict[int, tuple[float, float, float, float]]]]:
    """Six blasts at two points, each with a confirmed event; of each event distance, charge in kg, mm/s and dB(L)."""
    random, known = Random(7), {}
    for number, kg in enumerate(CHARGES):
        charge = f"{kg:g} kg" if number % 2 else f"{kg / 0.45359237:.9g} lb"
        stated = tuple((point, f"{metres:g}m") for point, metres in DISTANCES.items())
        sfm.add_blast(archive, "North", at(number), name=str(number), charge=charge, distances=stated)
        for point, serial in SERIALS.items():
            mm_s, db = truth(DISTANCES[point], kg, random)
            event_id = save_report(archive, serial, at(number), *peaks(mm_s, db))
            sfm.confirm_blast(archive, number + 1, [event_id])
            known[event_id] = (DISTANCES[point], kg, mm_s, db)
    for point, serial in SERIALS.items():
        sfm.place(archive, serial, at=f"North/{point}", since=datetime(2026, 1, 1))
    yield archive, known


def out_of(found: sfm.LawOfQuantity) -> dict[str, int]:
    return {one.because: one.count for one in found.out}


def run(archive: sfm.Archive, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["attenuation", str(archive.path), "--job", "North", *arguments])


@pytest.mark.tables
@pytest.mark.parametrize("unit", ["mm/s", "in/s"])
def test_both_laws_are_those_of_scipy_on_the_truth(measured, unit: str) -> None:
    from scipy.stats import linregress

    archive, known = measured
    found = sfm.attenuation(archive, "North", units=unit)
    metric = unit == "mm/s"
    foot, pound, inch = (1, 1, 1) if metric else (0.3048, 0.45359237, 25.4)
    ground = linregress(
        [math.log10(m / foot / (kg / pound) ** 0.5) for m, kg, _, _ in known.values()],
        [math.log10(mm_s / inch) for _, _, mm_s, _ in known.values()],
    )
    air = linregress(
        [math.log10(m / foot / (kg / pound) ** (1 / 3)) for m, kg, _, _ in known.values()],
        [math.log10(20e-6 * 10 ** (db / 20)) for *_, db in known.values()],
    )
    for own, other in ((found.ground, ground), (found.air, air)):
        assert own.law is not None and own.law.n == 12
        assert math.log10(own.law.k) == pytest.approx(other.intercept, abs=3e-4)  # levels are kept to 0.01 dB
        assert own.law.beta == pytest.approx(-other.slope, abs=3e-4)
        assert own.law.r_squared == pytest.approx(other.rvalue**2, abs=3e-4)
        assert own.refused == "" and "12 pairs are fewer than 30" in own.notes[0]
    assert found.ground.unit == unit and found.air.unit == "Pa"
    assert (found.ground.scaled_unit, found.air.scaled_unit) == (
        ("m/kg^½", "m/kg^⅓") if metric else ("ft/lb^½", "ft/lb^⅓")
    )


def test_the_two_unit_systems_are_related_by_the_published_factors(measured) -> None:
    archive, _ = measured
    metric, imperial = (sfm.attenuation(archive, "North", units=unit) for unit in ("mm/s", "in/s"))
    for own, other, factor, per in (
        (metric.ground.law, imperial.ground.law, 0.45257, 25.4),
        (metric.air.law, imperial.air.law, 0.39670, 1.0),
    ):
        assert own is not None and other is not None
        assert other.k == pytest.approx(own.k / per * factor**-own.beta, rel=1e-4)
        assert (other.beta, other.s) == pytest.approx((own.beta, own.s), rel=1e-6)


def test_a_point_alone_and_points_of_another_job(measured) -> None:
    archive, _ = measured
    alone = sfm.attenuation(archive, "North", ["Church"])
    assert (alone.points, {one.point for one in alone.ground.pairs}, len(alone.ground.pairs)) == (
        ("Church",),
        {"Church"},
        6,
    )
    assert out_of(alone.ground) == {}
    other = sfm.attenuation(archive, "South")
    assert (other.blasts, other.ground.law, other.ground.pairs, other.ground.out) == (0, None, (), ())


def test_a_limit_gives_charges_from_the_95_line(measured) -> None:
    archive, _ = measured
    found = sfm.attenuation(archive, "North", limit_mm_s=2.0, airblast="110dB", units="mm/s")
    law = found.ground.law
    assert law is not None and found.ground.limit_scaled_distance is not None
    assert law.k_95 == pytest.approx(law.k * 10 ** (1.645 * law.s))
    assert law.peak_95(found.ground.limit_scaled_distance) == pytest.approx(2.0)
    assert [one.distance_m for one in found.ground.charges] == [210.0, 450.0]
    for one in found.ground.charges:
        assert law.peak_95(one.distance_m / one.charge**0.5) == pytest.approx(2.0)
    air = found.air.law
    assert air is not None and found.air.limit == pytest.approx(20e-6 * 10 ** (110 / 20))
    for one in found.air.charges:
        assert air.peak_95(one.distance_m / one.charge ** (1 / 3)) == pytest.approx(found.air.limit)


def test_in_feet_and_pounds_the_same_charge_is_allowed(measured) -> None:
    archive, _ = measured
    kg, lb = (
        sfm.attenuation(archive, "North", limit_mm_s=2.0, distances_m=[300.0], units=unit).ground
        for unit in ("mm/s", "in/s")
    )
    assert (kg.charge_unit, lb.charge_unit) == ("kg", "lb")
    assert lb.charges[0].charge * 0.45359237 == pytest.approx(kg.charges[0].charge, rel=1e-4)


def test_a_limit_beyond_what_was_measured_is_said_to_be_extrapolated(measured) -> None:
    archive, _ = measured
    near = sfm.attenuation(archive, "North", limit_mm_s=2.0).ground
    far = sfm.attenuation(archive, "North", limit_mm_s=0.01).ground
    assert not near.extrapolated and far.extrapolated and far.charges
    assert "the charges are extrapolated" in far.notes[-1]


def test_what_is_in_doubt_is_out_and_counted_and_said_to_shift_the_line(measured) -> None:
    archive, known = measured
    over = Reading(quantity="ppv", channel="Vert", state=ValueState.OVER_RANGE, text="OORANGE")
    number = len(CHARGES)
    readings = {
        "over range": [*peaks(1)[:1], over, *peaks(1)[2:]],
        "known only as at least": peaks(1)[:1],
        "peak of 0": peaks(0),
        "peak not known": [],
        "marked as a false trigger": peaks(3, 90),
    }
    for number, said in enumerate(readings.values(), len(CHARGES)):
        sfm.add_blast(archive, "North", at(number), charge="50 kg", distances=(("Church", "450m"),))
        event_id = save_report(archive, UNIT, at(number), *said)
        sfm.confirm_blast(archive, number + 1, [event_id])
    archive.review(event_id, false_trigger=True, notes="a truck")
    sfm.add_blast(archive, "North", at(20), distances=(("Church", "450m"),))
    sfm.confirm_blast(archive, number + 2, [save_report(archive, UNIT, at(20), *peaks(1))])
    sfm.add_blast(archive, "North", at(21), charge="5 kg")
    sfm.confirm_blast(archive, number + 3, [save_report(archive, UNIT, at(21), *peaks(1))])
    sfm.add_blast(archive, "North", at(22), charge="5 kg")
    sfm.confirm_blast(archive, number + 4, [save_report(archive, "BE999", at(22), *peaks(1))])
    sfm.add_blast(archive, "North", at(23), charge="5 kg", distances=(("Church", "450m"),))
    save_report(archive, UNIT, at(23), *peaks(1))
    found = sfm.attenuation(archive, "North")
    assert {one.event_id for one in found.ground.pairs} == set(known)
    said = out_of(found.ground)
    assert said.pop("not known whether it was running") == 10  # School's nine times, Church's once
    assert said == {
        **dict.fromkeys(readings, 1),
        "charge not known": 1,
        "distance not known": 1,
        "at no point of the job": 1,
        "proposed, nobody decided": 1,
    }
    notes = " ".join(found.ground.notes)
    assert "1 over range, 1 known only as at least; what is missing is great, so that the line lies too low" in notes
    assert "1 peak of 0; what is missing is small" in notes
    assert out_of(found.air)["peak not known"] == 4


def test_who_ran_without_a_trigger_is_out_and_a_histogram_apart(measured) -> None:
    archive, _ = measured
    number = len(CHARGES)
    for place in (number, number + 1):
        sfm.add_blast(archive, "North", at(place), charge="5 kg", distances=(("Church", "450m"), ("School", "210m")))
    save_histogram(archive, at(number) - timedelta(hours=1), 24, UNIT)
    hour = timedelta(hours=1)
    monitored = Running(at(number) - hour, at(number) + hour, MONITORING_REPLY, "11" * 32)
    note_running(archive, OTHER, [monitored])
    found = sfm.attenuation(archive, "North")
    assert out_of(found.ground) == out_of(found.air)
    assert out_of(found.ground) == {
        "running, nothing triggered": 1,
        "running a histogram, nothing triggered": 1,
        "not known whether it was running": 2,
    }
    assert "the line lies too high where peaks are small" in " ".join(found.ground.notes)


def test_a_peak_on_an_assumed_range_is_out(archive: sfm.Archive) -> None:
    for number in range(3):
        sfm.add_blast(archive, "North", at(number), charge="50 kg", distances=(("Church", "450m"),))
        sfm.confirm_blast(archive, number + 1, [save_waveform(archive, at(number))])
    archive.analyse()
    sfm.place(archive, UNIT, at="North/Church", since=datetime(2026, 1, 1))
    found = sfm.attenuation(archive, "North")
    assert out_of(found.ground) == {"computed with an assumed range": 3}
    assert found.ground.law is None and found.ground.refused.startswith("0 pairs")


def test_an_event_left_out_by_name_needs_a_reason_and_must_be_a_pair(measured) -> None:
    archive, known = measured
    first = min(known)
    found = sfm.attenuation(archive, "North", left_out=[(str(first), "a truck  beside it")])
    assert [(one.event_id, one.reason) for one in found.left_out] == [(first, "a truck beside it")]
    assert [one.event_id for one in found.ground.named] == [first] == [one.event_id for one in found.air.named]
    assert found.ground.law is not None and found.ground.law.n == 11
    assert out_of(found.ground) == {"left out by name": 1}
    with pytest.raises(sfm.UsageError, match=f"leaving event {first} out needs a reason"):
        sfm.attenuation(archive, "North", left_out=[(str(first), " ")])
    stray = save_report(archive, UNIT, at(30), *peaks(1))
    with pytest.raises(sfm.UsageError, match=f"event {stray} is not among the pairs of job North"):
        sfm.attenuation(archive, "North", left_out=[(str(stray), "why")])
    with pytest.raises(sfm.EventNotFound):
        sfm.attenuation(archive, "North", left_out=[("999", "why")])


def test_two_events_of_one_unit_and_blast_are_named(measured) -> None:
    archive, _ = measured
    sfm.confirm_blast(archive, 1, [save_report(archive, UNIT, at(0) + timedelta(seconds=9), *peaks(1))])
    (note,) = sfm.attenuation(archive, "North").notes
    assert note.startswith(f"blast 1: of {UNIT} 2 events are confirmed")


def test_the_command_prints_the_laws_with_their_units(measured, tmp_path: Path) -> None:
    archive, known = measured
    result = run(archive, "--limit", "2mm/s", "--distance", "300m", "--units", "mm/s", "--pairs")
    assert result.exit_code == 0, result.output
    assert "ground  mm/s  m/kg^½           12" in result.stdout
    assert "air     Pa    m/kg^⅓           12" in result.stdout
    assert "1 ft/lb^½ = 0.45257 m/kg^½, 1 ft/lb^⅓ = 0.39670 m/kg^⅓" in result.stderr
    assert "charge kg of one delay (2.000 mm/s at" in result.stdout
    assert sum(line.startswith("ground") for line in result.stdout.splitlines()) == 1 + len(known)
    document = json.loads(run(archive, "--json", "--limit", "2mm/s").stdout)["attenuation"]
    assert document["ground"]["law"]["n"] == 12 and document["ground"]["limit"] == 2.0
    assert sorted(one["event_id"] for one in document["ground"]["pairs"]) == sorted(known)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_command_draws_both_laws(measured, tmp_path: Path, kind: str) -> None:
    archive, known = measured
    target = tmp_path / f"law.{kind}"
    leaving = ("--leave-out", str(min(known)), "--reason", "a truck", "--limit", "2mm/s")
    result = run(archive, "-o", str(target), *leaving)
    assert result.exit_code == 0, result.output
    assert target.stat().st_size > 3000
    if kind == "svg":
        text = target.read_text(encoding="utf-8")
        assert "PPV =" in text and "95 % line" in text and "limit 2.000 mm/s" in text and "left out by name" in text


def test_the_picture_is_in_the_language_that_is_asked_for(measured, tmp_path: Path) -> None:
    archive, known = measured
    target = tmp_path / "law.svg"
    leaving = ("--leave-out", str(min(known)), "--reason", "a truck", "--limit", "2mm/s")
    result = run(archive, "-o", str(target), "--language", "de", *leaving)
    assert result.exit_code == 0, result.output
    text = " ".join(re.findall(r">([^<>]+)</text>", target.read_text(encoding="utf-8")))
    for said in (
        "95-%-Linie", "Grenzwert 2,000 mm/s", "reduzierte Entfernung, m/√kg", "Spitzendruck, Pa", "Ausgleichsgerade",
        "1 namentlich weggelassen", "sind weniger als 30: K und β",
    ):  # fmt: skip
        assert said in text, said
    for english in ("line", "scaled", "left out", "pairs", "limit", "points", " of ", "Attenuation"):
        assert english not in text, english
    assert run(archive, "-o", str(target), "--language", "xx").exit_code == 2
    of_text = run(archive, "--language", "de")
    assert of_text.exit_code == 2 and "--language is of a picture" in of_text.output


def test_a_picture_leaves_a_hand_over_record_with_the_file(measured, tmp_path: Path) -> None:
    archive, known = measured
    target = tmp_path / "law.svg"
    result = run(archive, "-o", str(target), "--limit", "2mm/s", "--leave-out", str(min(known)), "--reason", "a truck")
    assert result.exit_code == 0 and "recorded as hand-over 1, with the file" in result.stderr, result.output
    with sfm.open(archive.path, read_only=True) as read:
        (found, *_), _ = sfm.find_handovers(read, job="North")
        whole = read.handover(found.number)
        assert sfm.kept_bytes(read, found.number) == target.read_bytes()
    assert (found.kind, found.target) == ("attenuation", str(target))
    assert found.options["limit_mm_s"] == 2.0 and found.options["left_out"] == [[min(known), "a truck"]]
    assert {one.event_id for one in whole.made_of.events} == set(known)
    said = json.loads(run(archive, "-o", str(tmp_path / "2.svg"), "--json").stdout)
    assert said["handover"] == 2
    draft = run(archive, "-o", str(tmp_path / "3.svg"), "--no-record", "--json")
    assert json.loads(draft.stdout)["handover"] is None and "recorded" not in draft.stderr
    assert json.loads(run(archive, "--json").stdout)["handover"] is None


def test_the_command_ends_with_3_where_no_law_is_found(archive: sfm.Archive, tmp_path: Path) -> None:
    result = run(archive, "-o", str(tmp_path / "x.png"))
    assert result.exit_code == 3
    assert "ground: no law: 0 pairs of peak and scaled distance are known, and a law needs 3" in result.stderr
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--leave-out", "1"), "needs a reason"),
        (("--reason", "x"), "--reason is about events that are left out"),
        (("--leave-out", "1", "--reason", "a", "--reason", "b"), "once for all events"),
        (("--limit", "2"), "2"),
        (("--limit", "0mm/s"), "above 0"),
        (("--airblast", "none"), "no limit of levels"),
        (("--airblast", "osmre-c"), "no limit of levels"),
        (("--distance", "300"), "needs its unit"),
        (("-o", "x.txt"), "a picture is written as"),
        (("--point", "Chapel"), "Chapel"),
    ],
)
def test_a_call_that_cannot_be_right_is_refused(measured, arguments: tuple[str, ...], said: str) -> None:
    archive, _ = measured
    result = run(archive, *arguments)
    assert result.exit_code in (2, 3) and said in result.stderr
