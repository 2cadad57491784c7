-- sfm-archive, format version 1.
--
-- One SQLite file holds the events of blasting seismographs (Instantel MiniMate Plus), the raw A5 frames they were
-- downloaded as, and every file received beside them. This text is the format: a reader in another language or
-- another century needs SQLite, this page and docs/format.md, and nothing of the program that wrote the file.
--
-- Header:   application_id 1397116225 (the letters SFMA), user_version = the format version, text encoding UTF-8.
-- Times:    *_utc are ISO 8601 in UTC, stamped by the program ('2026-11-22T19:02:11.123456Z').
--           *_local are as the unit recorded them, device-local, whole seconds ('2026-05-01T13:16:34'); the zone is
--           in time_zone beside them, an IANA name or 'unknown'.
-- Hashes:   SHA-256 of the bytes before compression, 32 bytes.
-- Keys:     no part of a key is ever NULL; "nothing" is '' and says so.
-- sequence: of every row of content the change that wrote it. history says when, by whom and with which program, so
--           "what was there after change N" is every row with a sequence of at most N.
-- Content:  what was received and what people decided. It endures: rows are added, never changed or removed.
-- Derived:  what can be computed again from the content: event_computed, event_summary, event_peaks, report_in_doubt and
--           the views.
--           Encoding records are content: they are the evidence of which bytes were once handed over.

-- Content. The archive itself: one row.
CREATE TABLE archive (
  only_row        INTEGER PRIMARY KEY CHECK (only_row = 1),
  archive_id      TEXT NOT NULL CHECK (length(archive_id) = 32),  -- random, 128 bits in hexadecimal
  created_at_utc  TEXT NOT NULL,
  created_by      TEXT NOT NULL,                                  -- program and version
  pinned_encoder  TEXT NOT NULL CHECK (pinned_encoder LIKE '_%@_%'),
                  -- the encoder used where none is named, such as 'blastware@2'; every change is in the history
  pinned_decoder  TEXT NOT NULL CHECK (pinned_decoder LIKE '_%@_%')
                  -- the decoder that made the computed numbers, such as 'waveform@1'; likewise
) STRICT;

-- Content. One recorded event: serial, time and kind of record, and its start key in event_key where one is known.
-- They are known from the content first, from names only where the content is silent. Events of one unit, second and
-- kind with different start keys are different events: their ordinals count from 1.
CREATE TABLE event (
  event_id           INTEGER PRIMARY KEY,
  sequence           INTEGER NOT NULL CHECK (sequence >= 1),
  serial             TEXT NOT NULL CHECK (serial GLOB '[A-Z]*[0-9]'),  -- the unit, such as 'BE11529'
  recorded_at_local  TEXT NOT NULL CHECK (length(recorded_at_local) = 19),
  record_type        TEXT NOT NULL CHECK (record_type IN ('waveform', 'histogram', 'monitor log', 'unknown')),
  ordinal            INTEGER NOT NULL CHECK (ordinal >= 1),
  time_zone          TEXT NOT NULL,                                    -- of recorded_at_local: IANA name or 'unknown'
  UNIQUE (serial, recorded_at_local, record_type, ordinal)
) STRICT;
CREATE INDEX event_by_time ON event (recorded_at_local, event_id);

-- Content. The address of an event's first byte in the unit's memory, where something told it. The memory starts again
-- at the same keys after every erase, so a key alone identifies nothing. An event learns its key by a row here.
CREATE TABLE event_key (
  event_id   INTEGER PRIMARY KEY REFERENCES event,
  sequence   INTEGER NOT NULL CHECK (sequence >= 1),
  start_key  INTEGER NOT NULL CHECK (start_key BETWEEN 0 AND 4294967295)
) STRICT;

-- Content. Events that are another one. An event was known by one file alone: a Micromate's binary by its name, until its
-- report said another unit, time or kind; or a report, until its event file showed another second than that file's name.
-- All that was received of the first stands with the other too, and the first counts no more (the view counted_event).
CREATE TABLE same_event (
  was_event  INTEGER PRIMARY KEY REFERENCES event,
  name       TEXT NOT NULL CHECK (name <> ''),                       -- of that file
  event_id   INTEGER NOT NULL REFERENCES event CHECK (event_id <> was_event),
  sequence   INTEGER NOT NULL CHECK (sequence >= 1)
) STRICT;

-- Content. File names under which an event was received, in the order of receipt. The first one is its name in
-- exports; an event without one gets the computed name. A name is a label and proves nothing.
CREATE TABLE event_name (
  event_id  INTEGER NOT NULL REFERENCES event,
  position  INTEGER NOT NULL CHECK (position >= 1),
  sequence  INTEGER NOT NULL CHECK (sequence >= 1),
  name      TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  PRIMARY KEY (event_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_name_by_name ON event_name (name COLLATE NOCASE);

-- Content. A5 frames as downloaded, one row for each revision; the same event with other frames is a new revision.
-- The current revision of an event is the newest whole one, or the newest where none is whole: a torn download that
-- comes later must not hide a complete one.
-- data: one Zstandard frame around the MessagePack document that docs/format.md describes ("Frame blobs").
CREATE TABLE frames (
  event_id        INTEGER NOT NULL REFERENCES event,
  revision        INTEGER NOT NULL CHECK (revision >= 1),
  sequence        INTEGER NOT NULL CHECK (sequence >= 1),
  format_version  INTEGER NOT NULL CHECK (format_version >= 1),
  codec           TEXT NOT NULL,                                    -- 'zstd'
  sha256          BLOB NOT NULL CHECK (length(sha256) = 32),
  logical_size    INTEGER NOT NULL CHECK (logical_size > 0),        -- bytes before compression
  frame_count     INTEGER NOT NULL CHECK (frame_count > 0),
  whole           INTEGER NOT NULL CHECK (whole IN (0, 1)),         -- every byte from start key to end key, no conflict
  data            BLOB NOT NULL,
  PRIMARY KEY (event_id, revision)
) STRICT;
CREATE INDEX frames_by_change ON frames (sequence, event_id);

-- Content. The contents of received files, and of records of hand-overs, each once whatever it was called.
CREATE TABLE file_content (
  content_id  INTEGER PRIMARY KEY,
  sequence    INTEGER NOT NULL CHECK (sequence >= 1),
  sha256      BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  size        INTEGER NOT NULL CHECK (size >= 0),                   -- bytes before compression
  pieces      INTEGER NOT NULL CHECK ((pieces > 0) = (size > 0))
) STRICT;

-- Content. A content's bytes, cut into pieces that are compressed each for itself: together, in the order of
-- positions 1, 2, 3, …, they are the file. A piece has at most 1 MiB before compression.
CREATE TABLE file_piece (
  content_id  INTEGER NOT NULL REFERENCES file_content,
  position    INTEGER NOT NULL CHECK (position >= 1),
  codec       TEXT NOT NULL,                                        -- 'zstd'
  data        BLOB NOT NULL,
  PRIMARY KEY (content_id, position)
) STRICT;

-- Content. Files received. Their bytes are in file_content, except where reproduced_by names the encoder that made
-- exactly these bytes from the event's frames; then the hash here and in encoding is what it must make again.
-- Pickles (kind 'frames sidecar') are never kept: all they say is in frames.
CREATE TABLE received_file (
  file_id        INTEGER PRIMARY KEY,
  sequence       INTEGER NOT NULL CHECK (sequence >= 1),
  sha256         BLOB NOT NULL CHECK (length(sha256) = 32),
  size           INTEGER NOT NULL CHECK (size >= 0),
  kind           TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
                 -- 'event file', 'report', 'capture', 'pc capture', 'sidecar'; an open list
  name           TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),  -- as received, without folders
  folder         TEXT NOT NULL,                                     -- name of the folder it lay in, '' if none
  pairs_with     TEXT NOT NULL,                                     -- event-file name it belongs to, upper case, or ''
  reproduced_by  TEXT NOT NULL                                      -- encoder, such as 'blastware@2', or ''
) STRICT;
CREATE INDEX received_file_by_hash ON received_file (sha256);
CREATE INDEX received_file_by_pair ON received_file (pairs_with) WHERE pairs_with <> '';

-- Content. Which files belong to which event. A file without a row here waits for its event.
CREATE TABLE event_file (
  event_id  INTEGER NOT NULL REFERENCES event,
  file_id   INTEGER NOT NULL REFERENCES received_file,
  sequence  INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (event_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_file_by_file ON event_file (file_id);

-- Content. One document's values for one event: the unit's own 0C record, an ASCII report, a sidecar.
-- A corrected document is another reading, and so is the same document read by another reader; the newest of each
-- source counts, one that was cut off behind all whole ones. What a decoder computed from samples (source 'decoder') stands beside what was reported.
CREATE TABLE reading (
  reading_id     INTEGER PRIMARY KEY,
  event_id       INTEGER NOT NULL REFERENCES event,
  sequence       INTEGER NOT NULL CHECK (sequence >= 1),
  source         TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
                 -- 'device record', 'report', 'program', 'sidecar', 'settings', 'decoder'; an open list
  origin_sha256  BLOB NOT NULL CHECK (length(origin_sha256) = 32),  -- of the bytes that the values were read from
  reader         TEXT NOT NULL,                                     -- what read them, such as 'blastware-text@1'
  whole          INTEGER NOT NULL CHECK (whole IN (0, 1))           -- 0: the document was cut off
) STRICT;
CREATE INDEX reading_by_event ON reading (event_id);

-- Content. The values of a reading, written with it.
CREATE TABLE value (
  reading_id  INTEGER NOT NULL REFERENCES reading,
  quantity    TEXT NOT NULL,             -- 'ppv', 'pvs', 'pspl', 'zc_frequency', 'project', …
  channel     TEXT NOT NULL CHECK (channel IN ('', 'Tran', 'Vert', 'Long', 'MicL')),  -- '' where it has none
  number      REAL,                      -- in the unit beside it; NULL for texts and where the state says why
  unit        TEXT NOT NULL,             -- 'in/s', 'mm/s', 'psi', 'dB(L)', 'Hz', 's', … or ''
  state       TEXT NOT NULL CHECK (state IN ('ok', 'over-range', 'below-threshold', 'above-limit', 'absent')),
  text        TEXT NOT NULL,             -- as printed or typed, '' where the source is binary
  PRIMARY KEY (reading_id, quantity, channel)
) STRICT, WITHOUT ROWID;

-- Content. What an encoder made of a revision: the evidence that a file can be made again byte for byte.
CREATE TABLE encoding (
  event_id              INTEGER NOT NULL,
  revision              INTEGER NOT NULL,
  family                TEXT NOT NULL,
  version               INTEGER NOT NULL CHECK (version >= 0),
  sequence              INTEGER NOT NULL CHECK (sequence >= 1),
  outcome               TEXT NOT NULL CHECK (outcome IN ('encoded', 'refused')),
  sha256                BLOB NOT NULL CHECK (length(sha256) = CASE outcome WHEN 'encoded' THEN 32 ELSE 0 END),
  size                  INTEGER NOT NULL CHECK ((size > 0) = (outcome = 'encoded')),
  findings              TEXT NOT NULL CHECK (json_valid(findings)),  -- array of {code, severity, message, start?, end?}
  distribution          TEXT NOT NULL,                               -- package that provided the encoder
  distribution_version  TEXT NOT NULL,
  PRIMARY KEY (event_id, revision, family, version),
  FOREIGN KEY (event_id, revision) REFERENCES frames (event_id, revision)
) STRICT, WITHOUT ROWID;

-- Content. What was noticed about an event when something of it was received: contradictions, differences.
CREATE TABLE finding (
  event_id  INTEGER NOT NULL REFERENCES event,
  code      TEXT NOT NULL,
  message   TEXT NOT NULL,
  severity  TEXT NOT NULL CHECK (severity IN ('note', 'warning', 'refusal')),
  sequence  INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (event_id, code, message)
) STRICT, WITHOUT ROWID;

-- Content. Time zones that people stated for the clock of a unit; the last one of each serial counts for its events
-- whose own time_zone is 'unknown'.
CREATE TABLE unit_time_zone (
  serial     TEXT NOT NULL CHECK (serial GLOB '[A-Z]*[0-9]'),
  position   INTEGER NOT NULL CHECK (position >= 1),
  time_zone  TEXT NOT NULL,                                         -- IANA name or 'unknown'
  sequence   INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (serial, position)
) STRICT, WITHOUT ROWID;

-- Content. Files that people decided to leave out of imports, known by their bytes; the last decision of each counts.
CREATE TABLE left_out (
  sha256      BLOB NOT NULL CHECK (length(sha256) = 32),
  position    INTEGER NOT NULL CHECK (position >= 1),
  left_out    INTEGER NOT NULL CHECK (left_out IN (0, 1)),           -- 0: it is taken again
  name        TEXT NOT NULL,                                        -- as it was called, '' where its hash was given
  decided_by  TEXT NOT NULL,
  reason      TEXT NOT NULL CHECK (reason <> ''),
  sequence    INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (sha256, position)
) STRICT, WITHOUT ROWID;

-- Content. What people stated of a unit's sample rate and geophone range, for its events that start in a span; it counts
-- where no document of an event tells them, the newest statement first. A row that withdraws one is the last word on it.
CREATE TABLE unit_setting (
  number       INTEGER NOT NULL CHECK (number >= 1),                -- from 1, in the order in which they were made
  serial       TEXT NOT NULL CHECK (serial GLOB '[A-Z]*[0-9]'),
  sample_rate  INTEGER NOT NULL CHECK (sample_rate >= 0),           -- per second, 0 where nothing is said of it
  geo_range    TEXT NOT NULL CHECK (geo_range IN ('', 'normal', 'sensitive')),
  from_local   TEXT NOT NULL CHECK (length(from_local) IN (0, 19)),   -- included, '' for no bound
  until_local  TEXT NOT NULL CHECK (length(until_local) IN (0, 19)),  -- not included, '' for no bound
  withdraws    INTEGER NOT NULL CHECK (withdraws >= 0),             -- number of the statement that this one ends, or 0
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> ''),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number)
) STRICT, WITHOUT ROWID;

-- Content. Parts of captures that wait: events without serial or time, A5 frames without the frame that opens their
-- event, 0C records of events that are not here. Known by the capture's bytes; the last row of each part counts.
CREATE TABLE waiting_part (
  sha256     BLOB NOT NULL CHECK (length(sha256) = 32),             -- of the capture
  at_byte    INTEGER NOT NULL CHECK (at_byte >= 0),                 -- of the capture, where the part begins
  position   INTEGER NOT NULL CHECK (position >= 1),
  joined_to  INTEGER NOT NULL CHECK (joined_to >= 0),               -- the event that has it now, 0 while it waits
  sequence   INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (sha256, at_byte, position)
) STRICT, WITHOUT ROWID;

-- Content. Spans in which a unit was running, as a document says them. What no span holds is not known.
CREATE TABLE unit_running (
  serial         TEXT NOT NULL CHECK (serial GLOB '[A-Z]*[0-9]'),
  from_local     TEXT NOT NULL CHECK (length(from_local) = 19),
  until_local    TEXT NOT NULL CHECK (length(until_local) = 19 AND until_local >= from_local),
  source         TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
                 -- 'monitoring reply' (0A of a capture), 'monitor log' (of a report); an open list
  origin_sha256  BLOB NOT NULL CHECK (length(origin_sha256) = 32),  -- of the first document that said so
  text           TEXT NOT NULL,                                     -- what it says beside, such as 'Geo: 0.020 in/s'
  sequence       INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (serial, from_local, until_local, source)
) STRICT, WITHOUT ROWID;

-- Content. Which event people said that a received file is of, a report or one that is tied to its event by its name,
-- by its bytes; the last decision of each counts.
CREATE TABLE report_decision (
  sha256      BLOB NOT NULL CHECK (length(sha256) = 32),
  position    INTEGER NOT NULL CHECK (position >= 1),
  name        TEXT NOT NULL,                                        -- of the file
  decided_by  TEXT NOT NULL,
  reason      TEXT NOT NULL CHECK (reason <> ''),
  event_id    INTEGER NOT NULL REFERENCES event,
  sequence    INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (sha256, position)
) STRICT, WITHOUT ROWID;

-- Content. What people say of the work that records belong to: jobs, points, where units stood, corrections,
-- calibrations, blasts, and whose reports these are. Each has a number; its last row by position counts, and the rows before it stay. A row with withdrawn = 1
-- says that it counts no more.
CREATE TABLE job (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  name         TEXT NOT NULL CHECK (name <> ''),
  client       TEXT NOT NULL,
  units        TEXT NOT NULL CHECK (units IN ('', 'in/s', 'mm/s')),   -- of its outputs, '' where nothing is said
  time_zone    TEXT NOT NULL,                                        -- IANA, of times at its place, '' where not stated
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE point (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  job          INTEGER NOT NULL CHECK (job >= 1),                     -- number of its job
  name         TEXT NOT NULL CHECK (name <> ''),
  address      TEXT NOT NULL,
  structure    TEXT NOT NULL,
  latitude     REAL CHECK (latitude BETWEEN -90 AND 90),              -- WGS 84, degrees
  longitude    REAL CHECK (longitude BETWEEN -180 AND 180),
  east         REAL,                                                 -- of the job's grid, metres
  north        REAL,
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

-- Limits that hold at a point from a moment on, until later ones do; of equal moments the greater number counts.
CREATE TABLE point_limits (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  point        INTEGER NOT NULL CHECK (point >= 1),
  limits       TEXT NOT NULL,                                        -- as for --limits, '' for no limit of velocity
  curve        TEXT NOT NULL,                                        -- text of a curve file, '' for a known word
  airblast     TEXT NOT NULL,                                        -- as for --airblast, '' where nothing is said
  judge        TEXT NOT NULL CHECK (judge IN ('', 'peak', 'record', 'both')),
  from_local   TEXT NOT NULL CHECK (length(from_local) IN (0, 19)),   -- included, '' from the first record on
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

-- Where a unit stood, in the time of its clock with stated corrections. Windows of one unit never overlap.
CREATE TABLE unit_window (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  serial       TEXT NOT NULL CHECK (serial GLOB '[A-Z]*[0-9]'),
  point        INTEGER NOT NULL CHECK (point >= 1),
  from_local   TEXT NOT NULL CHECK (length(from_local) = 19),         -- included
  until_local  TEXT NOT NULL CHECK (length(until_local) IN (0, 19)),  -- not included, '' where it still stands there
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

-- What stands in records and is wrong, of one event or of a unit's events that start in a span of its clock.
CREATE TABLE correction (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  serial       TEXT NOT NULL,                                        -- of the unit, '' where it is of one event
  of_event     INTEGER NOT NULL CHECK ((of_event >= 1) = (serial = '')),  -- 0 where it is of a unit
  subject      TEXT NOT NULL CHECK (subject IN ('project', 'client', 'location', 'clock', 'zone')),
  text         TEXT NOT NULL,                                        -- what is right; of a zone its IANA name
  shift_s      INTEGER NOT NULL,                                     -- of a clock: true time = recorded time + shift
  from_local   TEXT NOT NULL CHECK (length(from_local) IN (0, 19)),   -- as recorded, included, '' for no bound
  until_local  TEXT NOT NULL CHECK (length(until_local) IN (0, 19)),  -- as recorded, not included, '' for no bound
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> ''),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE calibration (
  number              INTEGER NOT NULL CHECK (number >= 1),
  position            INTEGER NOT NULL CHECK (position >= 1),
  serial              TEXT NOT NULL CHECK (serial GLOB '[A-Z]*[0-9]'),
  calibrated_on       TEXT NOT NULL CHECK (length(calibrated_on) = 10),     -- '2026-02-11'
  valid_until         TEXT NOT NULL CHECK (length(valid_until) IN (0, 10)),  -- not included, '' where not stated
  lab                 TEXT NOT NULL,
  certificate         TEXT NOT NULL,                                      -- name of its file, '' without one
  certificate_sha256  BLOB NOT NULL CHECK (length(certificate_sha256) IN (0, 32)),  -- of file_content
  withdrawn           INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by          TEXT NOT NULL,
  reason              TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence            INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE blast (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  job          INTEGER NOT NULL CHECK (job >= 1),                     -- another one where jobs were joined
  at_local     TEXT NOT NULL CHECK (length(at_local) = 19),           -- in time_zone
  time_zone    TEXT NOT NULL CHECK (time_zone <> ''),                 -- IANA
  fold         INTEGER CHECK (fold IN (0, 1)),                        -- in a repeated hour 0 first, 1 again; or not said
  name         TEXT NOT NULL,
  charge       REAL CHECK (charge > 0),                              -- the greatest of one delay, in charge_unit
  charge_unit  TEXT NOT NULL CHECK (charge_unit IN ('', 'kg', 'lb')),
  latitude     REAL CHECK (latitude BETWEEN -90 AND 90),
  longitude    REAL CHECK (longitude BETWEEN -180 AND 180),
  east         REAL,
  north        REAL,
  distances    TEXT NOT NULL CHECK (json_valid(distances)),           -- {number of a point: metres}, as stated
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX blast_by_time ON blast (job, at_local);

-- Which events people said that a blast made, or did not make.
CREATE TABLE blast_event (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  blast        INTEGER NOT NULL CHECK (blast >= 1),
  of_event     INTEGER NOT NULL CHECK (of_event >= 1),
  decision     TEXT NOT NULL CHECK (decision IN ('confirmed', 'refused')),
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX blast_event_by_event ON blast_event (of_event);

-- Whose reports these are, and how they are to look.
CREATE TABLE firm (
  number       INTEGER NOT NULL CHECK (number >= 1),
  position     INTEGER NOT NULL CHECK (position >= 1),
  name         TEXT NOT NULL,
  address      TEXT NOT NULL,                                        -- lines, '' where nothing is said, as all below
  signature    TEXT NOT NULL,                                        -- what stands below the line to sign
  logo         TEXT NOT NULL,                                        -- name of its file
  logo_sha256  BLOB NOT NULL CHECK (length(logo_sha256) IN (0, 32)),  -- of file_content
  paper        TEXT NOT NULL CHECK (paper IN ('', 'a4', 'letter')),
  language     TEXT NOT NULL,                                        -- 'en', 'de'
  units        TEXT NOT NULL CHECK (units IN ('', 'in/s', 'mm/s')),
  limits       TEXT NOT NULL,                                        -- names and velocities with blanks between them
  airblast     TEXT NOT NULL,
  withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> '' OR position = 1),
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

-- Content. What was handed over: folders of event files, so that the same folder can be made again and proved equal,
-- reports, whose file is kept, and data. The record is a JSON document in file_content: every path with its hash, and
-- what it was made of.
CREATE TABLE handover (
  handover_id      INTEGER PRIMARY KEY,
  sequence         INTEGER NOT NULL CHECK (sequence >= 1),
  kind             TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),  -- 'folder', 'report', 'data', …
  target           TEXT NOT NULL,                                   -- folder or file as it was named, for people
  options          TEXT NOT NULL CHECK (json_valid(options)),       -- as asked for: selection, limits, units, …
  files            INTEGER NOT NULL CHECK (files > 0),
  manifest_sha256  BLOB NOT NULL CHECK (length(manifest_sha256) = 32),  -- of the SHA256SUMS text over all its files
  record_sha256    BLOB NOT NULL REFERENCES file_content (sha256),
  kept_sha256      BLOB REFERENCES file_content (sha256)            -- of the one file, where its bytes are kept
) STRICT;

-- Content. Whether the archive is sealed: the last row counts, and without one it is not. Nothing stands in the file
-- behind the change that wrote sealed = 1. Only a copy goes on, with a row that says 0: docs/format.md, "Sealed".
CREATE TABLE seal (
  sequence  INTEGER PRIMARY KEY CHECK (sequence >= 1),
  sealed    INTEGER NOT NULL CHECK (sealed IN (0, 1))
) STRICT;

-- Content. Every change, in order, each row bound to the one before and to every row that it wrote: docs/format.md,
-- "History".
CREATE TABLE history (
  sequence  INTEGER PRIMARY KEY,
  at_utc    TEXT NOT NULL,
  actor     TEXT NOT NULL,        -- who: login name, or the name given
  tool      TEXT NOT NULL,        -- program and version
  action    TEXT NOT NULL,        -- 'create', 'save', 'add files', 'pin encoder', …
  event_id  INTEGER NOT NULL,     -- 0 where the change is not about one event
  detail    TEXT NOT NULL CHECK (json_valid(detail)),             -- what its rows do not say
  rows      BLOB NOT NULL CHECK (length(rows) % 33 = 0),          -- of each row: number of its table, SHA-256
  sha256    BLOB NOT NULL CHECK (length(sha256) = 32)             -- over all this and the sha256 of the row before
) STRICT;
CREATE INDEX history_by_event ON history (event_id, sequence);

-- Content. Changes of other archives that were merged into this one, or of the one that this is an extract of, as they
-- stand in the history there: docs/format.md, "Merged changes". Times and persons of rows that came with one are these.
CREATE TABLE merged_change (
  merged_id    INTEGER PRIMARY KEY,
  archive_id   TEXT NOT NULL CHECK (length(archive_id) = 32),       -- of the archive in whose history it stands
  number       INTEGER NOT NULL CHECK (number >= 1),                -- its sequence there
  sha256       BLOB NOT NULL CHECK (length(sha256) = 32),           -- its hash there; two of one number: a fork
  whole        INTEGER NOT NULL CHECK (whole IN (0, 1)),            -- 0: only hash, time and person went along
  previous     BLOB NOT NULL CHECK (length(previous) = 32),         -- hash of the change before it
  at_utc       TEXT NOT NULL,                                       -- these seven as there, '', 0 and '{}' where not whole
  actor        TEXT NOT NULL,
  tool         TEXT NOT NULL,
  action       TEXT NOT NULL,
  event_there  INTEGER NOT NULL,
  detail       TEXT NOT NULL CHECK (json_valid(detail)),
  rows         BLOB NOT NULL CHECK (length(rows) % 33 = 0),
  event_here   INTEGER NOT NULL,                                    -- id of its event in this archive, 0 where none
  wrote        INTEGER NOT NULL CHECK (wrote IN (0, 1)),            -- 1: its rows are those of change `sequence` here
  sequence     INTEGER NOT NULL CHECK (sequence >= 1),
  UNIQUE (archive_id, number, sha256, whole)
) STRICT;
CREATE UNIQUE INDEX merged_change_by_sequence ON merged_change (sequence) WHERE wrote = 1;

-- Content. Hashes of changes of another archive that follow each other and of which nothing else is here: an extract
-- leaves them out, and with them its history there still holds.
CREATE TABLE withheld_changes (
  withheld_id   INTEGER PRIMARY KEY,
  archive_id    TEXT NOT NULL CHECK (length(archive_id) = 32),
  first_number  INTEGER NOT NULL CHECK (first_number >= 1),
  hashes        BLOB NOT NULL CHECK (length(hashes) > 0 AND length(hashes) % 32 = 0),
  sequence      INTEGER NOT NULL CHECK (sequence >= 1)
) STRICT;

-- Content. Contents that an extract leaves out because they hold other events too: name and hash of the file are here.
CREATE TABLE withheld_content (
  sha256    BLOB NOT NULL CHECK (length(sha256) = 32),
  size      INTEGER NOT NULL CHECK (size >= 0),                     -- bytes
  sequence  INTEGER NOT NULL CHECK (sequence >= 1),
  PRIMARY KEY (sha256)
) STRICT, WITHOUT ROWID;

-- Content endures: these keep slips away. They do not stop an owner of the file; the hashes show what was done.
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT raise(ABORT, 'rows of event are never changed'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT raise(ABORT, 'rows of event are never removed'); END;
CREATE TRIGGER event_key_is_never_changed BEFORE UPDATE ON event_key
BEGIN SELECT raise(ABORT, 'rows of event_key are never changed'); END;
CREATE TRIGGER event_key_is_never_removed BEFORE DELETE ON event_key
BEGIN SELECT raise(ABORT, 'rows of event_key are never removed'); END;
CREATE TRIGGER same_event_is_never_changed BEFORE UPDATE ON same_event
BEGIN SELECT raise(ABORT, 'rows of same_event are never changed'); END;
CREATE TRIGGER same_event_is_never_removed BEFORE DELETE ON same_event
BEGIN SELECT raise(ABORT, 'rows of same_event are never removed'); END;
CREATE TRIGGER event_name_is_never_changed BEFORE UPDATE ON event_name
BEGIN SELECT raise(ABORT, 'rows of event_name are never changed'); END;
CREATE TRIGGER event_name_is_never_removed BEFORE DELETE ON event_name
BEGIN SELECT raise(ABORT, 'rows of event_name are never removed'); END;
CREATE TRIGGER frames_is_never_changed BEFORE UPDATE ON frames
BEGIN SELECT raise(ABORT, 'rows of frames are never changed'); END;
CREATE TRIGGER frames_is_never_removed BEFORE DELETE ON frames
BEGIN SELECT raise(ABORT, 'rows of frames are never removed'); END;
CREATE TRIGGER file_content_is_never_changed BEFORE UPDATE ON file_content
BEGIN SELECT raise(ABORT, 'rows of file_content are never changed'); END;
CREATE TRIGGER file_content_is_never_removed BEFORE DELETE ON file_content
BEGIN SELECT raise(ABORT, 'rows of file_content are never removed'); END;
CREATE TRIGGER file_piece_is_never_changed BEFORE UPDATE ON file_piece
BEGIN SELECT raise(ABORT, 'rows of file_piece are never changed'); END;
CREATE TRIGGER file_piece_is_never_removed BEFORE DELETE ON file_piece
BEGIN SELECT raise(ABORT, 'rows of file_piece are never removed'); END;
CREATE TRIGGER received_file_is_never_changed BEFORE UPDATE ON received_file
BEGIN SELECT raise(ABORT, 'rows of received_file are never changed'); END;
CREATE TRIGGER received_file_is_never_removed BEFORE DELETE ON received_file
BEGIN SELECT raise(ABORT, 'rows of received_file are never removed'); END;
CREATE TRIGGER event_file_is_never_changed BEFORE UPDATE ON event_file
BEGIN SELECT raise(ABORT, 'rows of event_file are never changed'); END;
CREATE TRIGGER event_file_is_never_removed BEFORE DELETE ON event_file
BEGIN SELECT raise(ABORT, 'rows of event_file are never removed'); END;
CREATE TRIGGER reading_is_never_changed BEFORE UPDATE ON reading
BEGIN SELECT raise(ABORT, 'rows of reading are never changed'); END;
CREATE TRIGGER reading_is_never_removed BEFORE DELETE ON reading
BEGIN SELECT raise(ABORT, 'rows of reading are never removed'); END;
CREATE TRIGGER value_is_never_changed BEFORE UPDATE ON value
BEGIN SELECT raise(ABORT, 'rows of value are never changed'); END;
CREATE TRIGGER value_is_never_removed BEFORE DELETE ON value
BEGIN SELECT raise(ABORT, 'rows of value are never removed'); END;
CREATE TRIGGER encoding_is_never_changed BEFORE UPDATE ON encoding
BEGIN SELECT raise(ABORT, 'rows of encoding are never changed'); END;
CREATE TRIGGER encoding_is_never_removed BEFORE DELETE ON encoding
BEGIN SELECT raise(ABORT, 'rows of encoding are never removed'); END;
CREATE TRIGGER finding_is_never_changed BEFORE UPDATE ON finding
BEGIN SELECT raise(ABORT, 'rows of finding are never changed'); END;
CREATE TRIGGER finding_is_never_removed BEFORE DELETE ON finding
BEGIN SELECT raise(ABORT, 'rows of finding are never removed'); END;
CREATE TRIGGER unit_time_zone_is_never_changed BEFORE UPDATE ON unit_time_zone
BEGIN SELECT raise(ABORT, 'rows of unit_time_zone are never changed'); END;
CREATE TRIGGER unit_time_zone_is_never_removed BEFORE DELETE ON unit_time_zone
BEGIN SELECT raise(ABORT, 'rows of unit_time_zone are never removed'); END;
CREATE TRIGGER left_out_is_never_changed BEFORE UPDATE ON left_out
BEGIN SELECT raise(ABORT, 'rows of left_out are never changed'); END;
CREATE TRIGGER left_out_is_never_removed BEFORE DELETE ON left_out
BEGIN SELECT raise(ABORT, 'rows of left_out are never removed'); END;
CREATE TRIGGER unit_setting_is_never_changed BEFORE UPDATE ON unit_setting
BEGIN SELECT raise(ABORT, 'rows of unit_setting are never changed'); END;
CREATE TRIGGER unit_setting_is_never_removed BEFORE DELETE ON unit_setting
BEGIN SELECT raise(ABORT, 'rows of unit_setting are never removed'); END;
CREATE TRIGGER job_is_never_changed BEFORE UPDATE ON job
BEGIN SELECT raise(ABORT, 'rows of job are never changed'); END;
CREATE TRIGGER job_is_never_removed BEFORE DELETE ON job
BEGIN SELECT raise(ABORT, 'rows of job are never removed'); END;
CREATE TRIGGER point_is_never_changed BEFORE UPDATE ON point
BEGIN SELECT raise(ABORT, 'rows of point are never changed'); END;
CREATE TRIGGER point_is_never_removed BEFORE DELETE ON point
BEGIN SELECT raise(ABORT, 'rows of point are never removed'); END;
CREATE TRIGGER point_limits_is_never_changed BEFORE UPDATE ON point_limits
BEGIN SELECT raise(ABORT, 'rows of point_limits are never changed'); END;
CREATE TRIGGER point_limits_is_never_removed BEFORE DELETE ON point_limits
BEGIN SELECT raise(ABORT, 'rows of point_limits are never removed'); END;
CREATE TRIGGER unit_window_is_never_changed BEFORE UPDATE ON unit_window
BEGIN SELECT raise(ABORT, 'rows of unit_window are never changed'); END;
CREATE TRIGGER unit_window_is_never_removed BEFORE DELETE ON unit_window
BEGIN SELECT raise(ABORT, 'rows of unit_window are never removed'); END;
CREATE TRIGGER correction_is_never_changed BEFORE UPDATE ON correction
BEGIN SELECT raise(ABORT, 'rows of correction are never changed'); END;
CREATE TRIGGER correction_is_never_removed BEFORE DELETE ON correction
BEGIN SELECT raise(ABORT, 'rows of correction are never removed'); END;
CREATE TRIGGER calibration_is_never_changed BEFORE UPDATE ON calibration
BEGIN SELECT raise(ABORT, 'rows of calibration are never changed'); END;
CREATE TRIGGER calibration_is_never_removed BEFORE DELETE ON calibration
BEGIN SELECT raise(ABORT, 'rows of calibration are never removed'); END;
CREATE TRIGGER blast_is_never_changed BEFORE UPDATE ON blast
BEGIN SELECT raise(ABORT, 'rows of blast are never changed'); END;
CREATE TRIGGER blast_is_never_removed BEFORE DELETE ON blast
BEGIN SELECT raise(ABORT, 'rows of blast are never removed'); END;
CREATE TRIGGER blast_event_is_never_changed BEFORE UPDATE ON blast_event
BEGIN SELECT raise(ABORT, 'rows of blast_event are never changed'); END;
CREATE TRIGGER blast_event_is_never_removed BEFORE DELETE ON blast_event
BEGIN SELECT raise(ABORT, 'rows of blast_event are never removed'); END;
CREATE TRIGGER firm_is_never_changed BEFORE UPDATE ON firm
BEGIN SELECT raise(ABORT, 'rows of firm are never changed'); END;
CREATE TRIGGER firm_is_never_removed BEFORE DELETE ON firm
BEGIN SELECT raise(ABORT, 'rows of firm are never removed'); END;
CREATE TRIGGER waiting_part_is_never_changed BEFORE UPDATE ON waiting_part
BEGIN SELECT raise(ABORT, 'rows of waiting_part are never changed'); END;
CREATE TRIGGER waiting_part_is_never_removed BEFORE DELETE ON waiting_part
BEGIN SELECT raise(ABORT, 'rows of waiting_part are never removed'); END;
CREATE TRIGGER unit_running_is_never_changed BEFORE UPDATE ON unit_running
BEGIN SELECT raise(ABORT, 'rows of unit_running are never changed'); END;
CREATE TRIGGER unit_running_is_never_removed BEFORE DELETE ON unit_running
BEGIN SELECT raise(ABORT, 'rows of unit_running are never removed'); END;
CREATE TRIGGER report_decision_is_never_changed BEFORE UPDATE ON report_decision
BEGIN SELECT raise(ABORT, 'rows of report_decision are never changed'); END;
CREATE TRIGGER report_decision_is_never_removed BEFORE DELETE ON report_decision
BEGIN SELECT raise(ABORT, 'rows of report_decision are never removed'); END;
CREATE TRIGGER handover_is_never_changed BEFORE UPDATE ON handover
BEGIN SELECT raise(ABORT, 'rows of handover are never changed'); END;
CREATE TRIGGER handover_is_never_removed BEFORE DELETE ON handover
BEGIN SELECT raise(ABORT, 'rows of handover are never removed'); END;
CREATE TRIGGER seal_is_never_changed BEFORE UPDATE ON seal
BEGIN SELECT raise(ABORT, 'rows of seal are never changed'); END;
CREATE TRIGGER seal_is_never_removed BEFORE DELETE ON seal
BEGIN SELECT raise(ABORT, 'rows of seal are never removed'); END;
CREATE TRIGGER history_ends_with_a_seal BEFORE INSERT ON history
WHEN (SELECT sealed = 1 AND sequence < NEW.sequence FROM seal ORDER BY sequence DESC LIMIT 1)
BEGIN SELECT raise(ABORT, 'the archive is sealed'); END;
CREATE TRIGGER merged_change_is_never_changed BEFORE UPDATE ON merged_change
BEGIN SELECT raise(ABORT, 'rows of merged_change are never changed'); END;
CREATE TRIGGER merged_change_is_never_removed BEFORE DELETE ON merged_change
BEGIN SELECT raise(ABORT, 'rows of merged_change are never removed'); END;
CREATE TRIGGER withheld_changes_is_never_changed BEFORE UPDATE ON withheld_changes
BEGIN SELECT raise(ABORT, 'rows of withheld_changes are never changed'); END;
CREATE TRIGGER withheld_changes_is_never_removed BEFORE DELETE ON withheld_changes
BEGIN SELECT raise(ABORT, 'rows of withheld_changes are never removed'); END;
CREATE TRIGGER withheld_content_is_never_changed BEFORE UPDATE ON withheld_content
BEGIN SELECT raise(ABORT, 'rows of withheld_content are never changed'); END;
CREATE TRIGGER withheld_content_is_never_removed BEFORE DELETE ON withheld_content
BEGIN SELECT raise(ABORT, 'rows of withheld_content are never removed'); END;
CREATE TRIGGER history_is_never_changed BEFORE UPDATE ON history
BEGIN SELECT raise(ABORT, 'rows of history are never changed'); END;
CREATE TRIGGER history_is_never_removed BEFORE DELETE ON history
BEGIN SELECT raise(ABORT, 'rows of history are never removed'); END;
CREATE TRIGGER archive_is_never_removed BEFORE DELETE ON archive
BEGIN SELECT raise(ABORT, 'the archive row is never removed'); END;
CREATE TRIGGER archive_is_changed_in_its_pins_only BEFORE UPDATE OF only_row, archive_id, created_at_utc, created_by ON archive
BEGIN SELECT raise(ABORT, 'only the pinned encoder and decoder of an archive are changed'); END;

-- Derived. What the pinned decoder computes of an event's samples, made when they or the settings that documents tell
-- change: of the current frames, or of the newest event file that decodes to its end; else of the samples that a report
-- prints. No row where there is none of these.
CREATE TABLE event_computed (
  event_id       INTEGER PRIMARY KEY,
  decoder        TEXT NOT NULL,          -- such as 'waveform@1', of a report its reader; '' where it is not installed
  origin_sha256  BLOB NOT NULL CHECK (length(origin_sha256) IN (0, 32)),
                 -- of what was decoded and the settings it was decoded with (docs/waveforms.md); empty where nothing was
  numbers        TEXT NOT NULL CHECK (json_valid(numbers)),
                 -- {quantity: {unit: {channel: number}}}, or [number, state, text?] for a number where it is not 'ok'
                 -- or has a text
  stop_local     TEXT NOT NULL,          -- where the samples or intervals end, as the clock showed it, '' where nothing
                                         -- tells it
  why            TEXT NOT NULL,          -- why there are no numbers, '' where there are
  findings       TEXT NOT NULL CHECK (json_valid(findings))
                 -- array of {code, severity, message, start?, end?}: what decoding noticed, files that were passed over,
                 -- and tables of reports that have other samples
) STRICT;

-- Derived. What lists, filters, sorts and summaries read of each event: one row, made of the values that count (the view
-- current_value) and written in the transaction of whatever changes them. `sfm rebuild` makes the rows again.
-- *_nm_s are whole nanometres a second, so that equal velocities are equal: 1 in/s is 25,400,000, 1 mm/s is 1,000,000.
-- *_basis says what the number before it stands on: 'reported' by a document; 'computed' by the decoder, or 'assumed':
-- computed with a setting that no document tells; 'over range': the number is the rail, and it was at least that;
-- 'at least': a limit that was passed, or another channel's peak is not known; 'at most': a threshold that was not
-- reached, by the channels that are known; 'unknown': the number is NULL. An unknown peak is never a small one.
CREATE TABLE event_summary (
  event_id      INTEGER PRIMARY KEY,
  rules         INTEGER NOT NULL,        -- version of the rules that made the row
  name          TEXT NOT NULL,           -- as received, else computed, '' where there is none
  start_local   TEXT NOT NULL,           -- with stated corrections
  stop_local    TEXT NOT NULL,           -- end of the record or of its last interval, '' where nothing tells it
  tran_nm_s     INTEGER,                 -- peak particle velocity of each geophone
  tran_basis    TEXT NOT NULL,
  vert_nm_s     INTEGER,
  vert_basis    TEXT NOT NULL,
  long_nm_s     INTEGER,
  long_basis    TEXT NOT NULL,
  ppv_nm_s      INTEGER,                 -- the greatest of the three; 'at least' where one of them is unknown
  ppv_basis     TEXT NOT NULL,
  ppv_least_nm_s  INTEGER,               -- it is at least that, NULL where nothing is known of it,
  ppv_most_nm_s   INTEGER,               -- and at most that, NULL where that is open
  ppv_channel   TEXT NOT NULL,
  ppv_unit      TEXT NOT NULL,           -- 'in/s' or 'mm/s', in which it was given
  ppv_text      TEXT NOT NULL,           -- as printed, '' where it was not
  pvs_nm_s      INTEGER,                 -- peak vector sum
  pvs_basis     TEXT NOT NULL,
  tran_hz       REAL,                    -- frequency at the peak, the best known, and the interval in which it lies,
                                         -- NULL where that is open: what the samples give where the print agrees
  tran_hz_low   REAL,
  tran_hz_high  REAL,
  vert_hz       REAL,
  vert_hz_low   REAL,
  vert_hz_high  REAL,
  long_hz       REAL,
  long_hz_low   REAL,
  long_hz_high  REAL,
  pspl_db       REAL,                    -- peak sound pressure level, dB(L)
  pspl_basis    TEXT NOT NULL,
  project       TEXT NOT NULL,           -- texts as a search compares them: without case and accents, one blank for any
  client        TEXT NOT NULL,
  location      TEXT NOT NULL,
  user_name     TEXT NOT NULL,
  notes         TEXT NOT NULL,
  review        TEXT NOT NULL CHECK (review IN ('', 'event', 'false trigger')),
  encoding      TEXT NOT NULL CHECK (encoding IN ('', 'ok', 'refused', 'none')),
                -- what the pinned encoder is recorded to make of the current frames; '' where there are no frames
  revision      INTEGER NOT NULL,        -- of the current frames, 0 where there are none
  assumed       TEXT NOT NULL CHECK (assumed IN ('', 'range', 'rate', 'range rate')),
                -- settings that nothing tells and that the decoder took: what it computed rests on them
  contradicted  TEXT NOT NULL,           -- geophones, a blank between them, of which the samples contradict the peak
                                         -- that a document reports: a verdict then rests on no sample of theirs
  disputed      TEXT NOT NULL CHECK (disputed = '' OR json_valid(disputed)),
                                         -- {channel: [least, most]} of peaks that whole reports print differently, in
                                         -- nm/s, of MicL in dB(L); null where that is open
  job           INTEGER NOT NULL,        -- numbers of the job and the point in whose window it starts, 0 without one
  point         INTEGER NOT NULL,
  placed        TEXT NOT NULL CHECK (placed IN ('', 'whole', 'part', 'perhaps', 'undecided')),
                -- '' in no window; 'whole' in one; 'part': a histogram that crosses a border of windows, 'perhaps': one
                -- of which nothing tells whether it does; 'undecided': on which side of a border it lies, in an hour
                -- that the clocks repeat
  shift_s       INTEGER NOT NULL,        -- by how much its times here and in event_peaks are later than recorded
  corrected     TEXT NOT NULL,           -- what people corrected of it, a blank between: 'project', 'client', 'location',
                                         -- 'clock', 'zone'; '' for nothing. Its texts here are the right ones
  recorded_project   TEXT NOT NULL,      -- of a corrected text what was recorded, as a search compares it, else ''
  recorded_client    TEXT NOT NULL,
  recorded_location  TEXT NOT NULL
) STRICT;
CREATE INDEX event_summary_by_rules ON event_summary (rules);
CREATE INDEX event_summary_by_most ON event_summary (ppv_most_nm_s, ppv_least_nm_s, ppv_basis, review);
CREATE INDEX event_summary_by_project ON event_summary (project) WHERE project <> '';
CREATE INDEX event_summary_by_client ON event_summary (client) WHERE client <> '';
CREATE INDEX event_summary_by_location ON event_summary (location) WHERE location <> '';
CREATE INDEX event_summary_by_recorded_project ON event_summary (recorded_project) WHERE recorded_project <> '';
CREATE INDEX event_summary_by_recorded_client ON event_summary (recorded_client) WHERE recorded_client <> '';
CREATE INDEX event_summary_by_recorded_location ON event_summary (recorded_location) WHERE recorded_location <> '';
CREATE INDEX event_summary_by_start ON event_summary (start_local);
CREATE INDEX event_summary_shifted ON event_summary (shift_s) WHERE shift_s <> 0;
CREATE INDEX event_summary_by_review ON event_summary (review) WHERE review <> '';
CREATE INDEX event_summary_by_point ON event_summary (job, point) WHERE job <> 0;
CREATE INDEX event_summary_between_points ON event_summary (placed) WHERE placed IN ('part', 'perhaps', 'undecided');
CREATE INDEX event_summary_without_stop ON event_summary (start_local) WHERE stop_local = '';
CREATE INDEX event_summary_over_midnight ON event_summary (stop_local, start_local)
  WHERE substr(stop_local, 1, 10) > substr(start_local, 1, 10);

-- Derived. What an event's samples say of each local day, with stated corrections of its clock: of a waveform its half
-- waves, on the day of its start, of a histogram its intervals, each on the day in which it starts. Made with
-- event_computed; no row where nothing was decoded. Where a border of its unit's windows cuts a day, each side is a
-- row. tran, vert, long: JSON arrays of [Hz or null, nm/s], with a third number 1 where that is the rail, which the
-- ground passed. Of all half waves or intervals those that no other outdoes, with the same or a lower frequency and a
-- peak as great or greater, by rising peak; before them the greatest one whose frequency is not known. '' where the
-- samples of the channel cannot be true. [hz, nm_s, 2] is at most that, and what a report's table prints stands for an
-- interval: [hz, nm_s, 0, low, high], without high where that is open.
CREATE TABLE event_peaks (
  event_id   INTEGER NOT NULL,
  day        TEXT NOT NULL CHECK (length(day) = 10),           -- '2026-05-01'
  part       INTEGER NOT NULL CHECK (part >= 0),               -- twice the borders of windows since the start, and 1
                                                               -- more of an interval that lies across the next one
  tran       TEXT NOT NULL CHECK (tran = '' OR json_valid(tran)),
  vert       TEXT NOT NULL CHECK (vert = '' OR json_valid(vert)),
  long       TEXT NOT NULL CHECK (long = '' OR json_valid(long)),
  intervals  INTEGER NOT NULL,                                 -- of the day, 0 of a waveform
  pspl_db    REAL,                                             -- greatest level, dB(L); the rail where over range
  PRIMARY KEY (event_id, day, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_peaks_by_day ON event_peaks (day);

-- Derived. Reports that do not count for an event although they are among its files: events of one unit, second and kind
-- share every report, and until its numbers fit the samples of only one, or a person says whose it is, it counts for none.
-- So do other files, such as a Micromate's binary, that are kept with several events and that a person said to be of one.
-- And of several reports of one event all that count behind another, so that the order in which they came says nothing.
CREATE TABLE report_in_doubt (
  event_id  INTEGER NOT NULL,
  sha256    BLOB NOT NULL CHECK (length(sha256) = 32),           -- of the file
  why       TEXT NOT NULL,                                       -- in words; '' where it contradicts no other one
  place     INTEGER NOT NULL CHECK (place BETWEEN 0 AND 999),    -- 0: it does not count. Else its values count where no
                                                                 -- report before it has them; without a row it is first
  PRIMARY KEY (event_id, sha256)
) STRICT, WITHOUT ROWID;

-- Derived. The value that counts for each event, quantity and channel. This is the rule; the program reads it here.
-- Of each source the newest reading that has the value, a whole one before those that were cut off: a corrected
-- document takes back what the first one said. Of several reports the first in their order (report_in_doubt). Then
-- over range before every number, for a number of another source is the rail or wrong: that of a decoder too, which
-- found samples at the rail; then by source, the unit's own record first; what a document says there is none of
-- ('absent') only where nobody says more, and behind a decoder that found none either. A number that a decoder computed
-- never takes the place of a reported one. What a person decided ('program') counts for decisions only, and there first.
CREATE VIEW current_value AS
SELECT event_id, quantity, channel, number, unit, state, text, source, reading_id
FROM (
  SELECT event_id, quantity, channel, number, unit, state, text, source, reading_id,
         row_number() OVER (
           PARTITION BY event_id, quantity, channel
           ORDER BY CASE WHEN state = 'over-range' THEN 1 WHEN state <> 'absent' THEN 2
                         WHEN source = 'decoder' THEN 3 ELSE 4 END,
                    CASE source WHEN 'program' THEN 1 WHEN 'device record' THEN 2 WHEN 'report' THEN 3
                                WHEN 'sidecar' THEN 4 WHEN 'decoder' THEN 5 WHEN 'settings' THEN 6 ELSE 7 END,
                    reading_id DESC
         ) AS place
  FROM (
    SELECT reading.event_id, value.quantity, value.channel, value.number, value.unit, value.state, value.text,
           reading.source, reading.reading_id,
           max((whole << 62) | ((1000 - coalesce(doubt.place, 1)) << 48) | reading.reading_id)
    FROM reading JOIN value USING (reading_id)
    LEFT JOIN report_in_doubt AS doubt
      ON doubt.event_id = reading.event_id AND doubt.sha256 = reading.origin_sha256
    WHERE (reading.source <> 'program' OR value.quantity IN ('false_trigger', 'reviewer', 'review_notes'))
      AND coalesce(doubt.place, 1) > 0
    GROUP BY reading.event_id, value.quantity, value.channel, reading.source
    UNION ALL
    SELECT event_id, quantity.key, channel.key,
           CASE channel.type WHEN 'array' THEN channel.value ->> 0 ELSE channel.value END, unit.key,
           CASE channel.type WHEN 'array' THEN channel.value ->> 1 ELSE 'ok' END,
           CASE channel.type WHEN 'array' THEN coalesce(channel.value ->> 2, '') ELSE '' END, 'decoder', 0, 0
    FROM event_computed, json_each(numbers) AS quantity, json_each(quantity.value) AS unit, json_each(unit.value) AS channel
  )
)
WHERE place = 1;

-- Derived. The events that count: all but those that are another one. Lists, counts, exports and searches read these.
CREATE VIEW counted_event AS
SELECT event_id, sequence, serial, recorded_at_local, record_type, ordinal, time_zone
FROM event WHERE event_id NOT IN (SELECT was_event FROM same_event);

-- Derived. When and by whom each change was made: one that was merged, in the archive that it comes from. In an archive
-- with merged changes later means by this time wherever a later row counts before an earlier one.
CREATE VIEW first_made AS
SELECT history.sequence, coalesce(merged_change.at_utc, history.at_utc) AS at_utc,
       coalesce(merged_change.actor, history.actor) AS actor
FROM history LEFT JOIN merged_change ON merged_change.sequence = history.sequence AND merged_change.wrote = 1;

-- Derived. The current revision of each event's frames.
CREATE VIEW current_frames AS
SELECT event_id, revision
FROM (SELECT event_id, revision, row_number() OVER (
        PARTITION BY event_id
        ORDER BY whole DESC, (SELECT at_utc FROM first_made WHERE first_made.sequence = frames.sequence
                              AND (SELECT max(merged_id) FROM merged_change) > 0) DESC, revision DESC
      ) AS place
      FROM frames)
WHERE place = 1;
