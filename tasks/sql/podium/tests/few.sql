CREATE TABLE events (
	code TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('run', 'jump', 'throw'))
);
CREATE TABLE athletes (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	guest INTEGER NOT NULL DEFAULT 0 -- 1: takes part, but gets no place
);
CREATE TABLE tries (
	event TEXT NOT NULL REFERENCES events (code),
	athlete_id INTEGER NOT NULL REFERENCES athletes (id),
	number INTEGER NOT NULL,
	mark INTEGER, -- runs: milliseconds; jumps and throws: millimetres; NULL: a try that does not count
	PRIMARY KEY (event, athlete_id, number)
);
INSERT INTO events VALUES
('X', 'Egg and spoon', 'run'),
('Y', 'Welly throw', 'throw'),
('Z', 'Standing jump', 'jump'),
('W', 'Nobody came', 'run');
INSERT INTO athletes VALUES
(1, 'Same Name', 0),
(2, 'Same Name', 0),
(3, 'Guest', 1);
INSERT INTO tries VALUES
('X', 1, 1, 900),
('X', 2, 1, 1000),
('X', 3, 1, 500),
('Y', 2, 1, NULL),
('Y', 1, 1, 0),
('Z', 3, 1, 10);
