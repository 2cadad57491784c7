"""What the columns of a blast list are, by their headings as people write them in several languages.

Headings are compared without case, accents and signs. The unit of a column stands in its heading, in brackets or as the
last word. A column that nobody knows is named, never taken for another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from sfm_archive.base.texts import folded, quoted
from sfm_archive.errors import UsageError
from sfm_archive.model.blasting import CHARGES, DISTANCES_M

TIME, DAY, NAME, CHARGE, LATITUDE, LONGITUDE, PLACE, EAST, NORTH, DISTANCE = (
    "time", "day", "name", "charge", "latitude", "longitude", "coordinates", "east", "north", "distance"
)  # fmt: skip

_WORDS: Final = {
    TIME: (
        "time, date time, datetime, date and time, local time, blast time, shot time, time of blast, fired, fired "
        "at, timestamp, zeit, uhrzeit, zeitpunkt, sprengzeit, sprengzeitpunkt, datum zeit, datum uhrzeit, datum "
        "und uhrzeit, heure, heure du tir, date heure, date et heure, horodatage, hora, fecha hora, fecha y hora, "
        "hora del disparo, data hora, data e hora, ora, data ora, data e ora, tijd, tijdstip, datum tijd, datum en "
        "tijd, tid, tidpunkt, tidspunkt, klokkeslett, klokkeslaet, datum tid, datum och tid, dato tid, dato og "
        "tid, aika, klo, kello, paivamaara ja aika, czas, godzina, data godzina, data i godzina, cas, datum cas, "
        "datum a cas, zaman, saat, tarih saat"
    ),
    DAY: (
        "date, day, blast date, shot date, datum, tag, sprengdatum, sprengtag, date du tir, jour, fecha, dia, "
        "data, giorno, dato, dag, pvm, paivamaara, paiva, den, tarih"
    ),
    NAME: (
        "name, blast, blast name, blast no, blast number, blast id, shot, shot name, shot no, shot number, shot "
        "id, no, number, id, nr, nummer, sprengung, sprengung nr, sprengnummer, bezeichnung, nom, tir, nom du tir, "
        "n, n de tir, no de tir, numero, numero de tir, num, nombre, voladura, n de voladura, no voladura, numero "
        "de voladura, nome, detonacao, desmonte, pega de fogo, volata, n volata, brillamento, naam, springing, "
        "naam springing, namn, salva, salv nr, sprangning, navn, salve, salve nr, sprengning, spraengning, nimi, "
        "rajaytys, kentta, nazwa, strzal, odstrzal, numer, nazev, odstrel, ad, patlatma, patlatma no"
    ),
    CHARGE: (
        "charge, charge per delay, max charge per delay, maximum charge per delay, charge weight per delay, max "
        "charge weight per delay, maximum charge weight per delay, max instantaneous charge, maximum instantaneous "
        "charge, instantaneous charge, mic, explosive per delay, explosives per delay, max explosives per delay, "
        "weight per delay, max weight per delay, lademenge je zundzeitstufe, lademenge pro zundzeitstufe, "
        "lademenge je zundstufe, lademenge pro zundstufe, ladung je zundzeitstufe, ladung pro zundzeitstufe, "
        "ladung je zundstufe, ladung pro zundstufe, sprengstoff je zundzeitstufe, max lademenge je zundzeitstufe, "
        "max lademenge pro zundzeitstufe, max lademenge je zundstufe, lademenge zundzeitstufe, hochstlademenge je "
        "zundzeitstufe, ladung, lademenge, charge unitaire, charge unitaire instantanee, cui, charge unitaire "
        "maximale, charge maximale unitaire, charge par retard, charge maximale par retard, charge max par retard, "
        "charge instantanee, carga por retardo, carga maxima por retardo, carga operante, carga maxima operante, "
        "carga instantanea, carga maxima instantanea, carga maxima por espera, carga por espera, carga, carica per "
        "ritardo, carica massima per ritardo, carica cooperante, carica massima cooperante, carica, lading per "
        "vertraging, lading, samverkande laddning, max samverkande laddning, laddning, samvirkende ladning, "
        "samverkende ladning, ladning pr intervall, ladning per intervall, ladning, momentaaninen panos, suurin "
        "momentaaninen panos, panos, ladunek na opoznienie, maksymalny ladunek na opoznienie, ladunek, naloz na "
        "casovy stupen, naloz, gecikme basina sarj, gecikme basina patlayici, sarj"
    ),
    LATITUDE: (
        "latitude, lat, breite, breitengrad, geographische breite, latitud, latitudine, breedtegraad, breddgrad, "
        "breddegrad, leveysaste, szerokosc, szerokosc geograficzna, zemepisna sirka, enlem"
    ),
    LONGITUDE: (
        "longitude, lon, long, lng, lange, langengrad, geographische lange, longitud, longitudine, lengtegraad, "
        "langdgrad, laengdegrad, lengdegrad, pituusaste, dlugosc, dlugosc geograficzna, zemepisna delka, boylam"
    ),
    PLACE: (
        "coordinates, lat lon, latitude longitude, position, koordinaten, coordonnees, coordenadas, coordinate, "
        "coordinaten, koordinater, koordinaatit, wspolrzedne, souradnice, koordinat"
    ),
    EAST: (
        "east, easting, e, grid east, ost, ostwert, rechtswert, est, este, oost, ost koordinate, oster, "
        "itakoordinaatti"
    ),
    NORTH: (
        "north, northing, grid north, nord, nordwert, hochwert, norte, noord, norr, pohjoiskoordinaatti"
    ),
    DISTANCE: (
        "distance, distance to, distance from, dist, entfernung, entfernung zu, entfernung bis, abstand, abstand "
        "zu, distance a, distance au, distance de, distancia, distancia a, distancia al, distanza, distanza da, "
        "distanza a, afstand, afstand tot, avstand, avstand till, avstand til, afstand til, etaisyys, odleglosc, "
        "odleglosc od, odleglosc do, vzdalenost, vzdalenost od, mesafe, uzaklik"
    ),
}  # fmt: skip
_KINDS: Final = {word.strip(): kind for kind, words in _WORDS.items() for word in words.split(",")}
_DISTANCES: Final = sorted((word for word, kind in _KINDS.items() if kind == DISTANCE), key=len, reverse=True)
_BRACKETS = re.compile(r"(.*?)\s*[\[(]\s*([^\])]*?)\s*[\])]\s*")
_LAST_WORD = re.compile(r"(.*[^\W_])[\s_,/.]+(?:in[\s_]+)?([^\W\d_]+)\.?\s*")
_SIGNS = re.compile(r"[\W_]+")


class Column(NamedTuple):
    """`kind`: what stands in it; `unit`: as the heading has it, '' without one; `point`: of a distance, the name of the
    point as the job has it; `heading`: as written."""

    kind: str
    unit: str
    point: str
    heading: str


class Heading(NamedTuple):
    """`columns`: by their place; `places`: of each kind the first; `unread`: headings of which nothing is taken."""

    columns: dict[int, Column]
    places: dict[str, int]
    unread: tuple[str, ...]

    def of_kind(self, kind: str) -> list[tuple[int, Column]]:
        return [(place, column) for place, column in self.columns.items() if column.kind == kind]


def heading_of(cells: Sequence[str], points: Sequence[str]) -> Heading:
    """What the columns are. `points`: names of the job's points, for distances to them.

    Raises UsageError for a list without a time, for two columns of one kind, for a unit that is none of its kind, and
    for a distance to a point that the job does not have.
    """
    columns: dict[int, Column] = {}
    unread = []
    for place, cell in enumerate(cells):
        column = _column(cell, points)
        named = column is not None and column.kind == NAME and any(one.kind == NAME for one in columns.values())
        if column is not None and not named:
            columns[place] = column
        elif cell.strip():
            unread.append(cell.strip())
    places = {columns[place].kind: place for place in sorted(columns, reverse=True)}
    found = Heading(columns, places, tuple(unread))
    if TIME not in places and DAY not in places:
        raise UsageError(
            f"no column is headed with a time; the first line is {quoted(', '.join(filter(None, cells)))}, and it "
            "names the columns, such as: time, name, charge (kg), latitude, longitude"
        )
    seen: dict[tuple[str, str], str] = {}
    for column in columns.values():
        before = seen.setdefault((column.kind, folded(column.point)), column.heading)
        if before is not column.heading:
            raise UsageError(
                f"columns {quoted(before)} and {quoted(column.heading)} say the same; leave one of them out"
            )
    for one, other in ((LATITUDE, LONGITUDE), (EAST, NORTH)):
        if (one in places) != (other in places):
            has, lacks = (one, other) if one in places else (other, one)
            raise UsageError(f"there is a column for {has} and none for {lacks}; a place needs both")
    return found


def _column(cell: str, points: Sequence[str]) -> Column | None:
    heading = cell.strip()
    for text, unit in _with_units(heading):
        words = _plain(text)
        kind = _KINDS.get(words, "")
        if kind in (TIME, DAY, NAME, PLACE, LATITUDE, LONGITUDE):
            return Column(kind, "", "", heading)
        if kind in (EAST, NORTH):
            return Column(kind, _checked(unit, {"m": "", **dict.fromkeys(_METRES, "")}, heading, "metres"), "", heading)
        if words == "mic" and unit.lower() not in CHARGES:
            continue  # a microphone, and no maximum instantaneous charge
        if kind == CHARGE:
            return Column(kind, _checked(unit, CHARGES, heading, "kg or lb"), "", heading)
        point = _point(words, points, named=bool(unit))
        if point:
            return Column(DISTANCE, _checked(unit, DISTANCES_M, heading, "m, km or ft"), point, heading)
        if kind == DISTANCE and len(points) == 1:
            return Column(DISTANCE, _checked(unit, DISTANCES_M, heading, "m, km or ft"), points[0], heading)
    words = _plain(heading)
    if any(words == word or words.startswith(f"{word} ") for word in _DISTANCES):
        known = ", ".join(points) or "none"
        raise UsageError(f"column {quoted(heading)}: to which point of the job? its points are: {known}")
    return None


_METRES = ("metre", "metres", "meter", "meters")


def _with_units(heading: str) -> list[tuple[str, str]]:
    """A heading and the unit in it, in each way in which it can be taken apart."""
    found = []
    if match := _BRACKETS.fullmatch(heading):
        found.append((match[1], match[2]))
    last = _LAST_WORD.fullmatch(heading)
    if last and last[2].lower() in (*CHARGES, *DISTANCES_M):
        found.append((last[1], last[2]))
    return [*found, (heading, "")]


def _checked(unit: str, known: object, heading: str, are: str) -> str:
    if unit and unit.lower() not in known:  # type: ignore[operator]
        raise UsageError(f"column {quoted(heading)}: {quoted(unit)} is no unit that is read there; it is {are}")
    return unit


def _point(words: str, points: Sequence[str], *, named: bool) -> str:
    """The point to which a heading says a distance; its name alone where a unit stands behind."""
    for point in points:
        name = _plain(point)
        if (named and words == name) or any(words == f"{word} {name}" for word in _DISTANCES):
            return point
    return ""


def _plain(text: str) -> str:
    return " ".join(_SIGNS.sub(" ", folded(text)).split())
