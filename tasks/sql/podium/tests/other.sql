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
(2, 'Jon Marsh', 0),
(5, 'Rosa Pike', 0),
(8, 'Dan Reed', 1),
(11, 'Kim Brook', 0),
(14, 'Sam Glen', 1),
(17, 'Eva Stone', 0),
(20, 'Leo Ford', 0),
(23, 'Tim O''Dell', 1),
(26, 'Finn Hart', 0);
INSERT INTO tries VALUES
('X', 2, 1, 12030),
('X', 5, 1, NULL),
('X', 14, 1, NULL),
('X', 14, 2, 12000),
('X', 14, 3, 12010),
('X', 17, 1, 12000),
('X', 17, 2, 12010),
('X', 17, 3, 12020),
('X', 20, 1, 12030),
('X', 26, 1, NULL),
('Y', 2, 1, 5000),
('Y', 2, 2, 5000),
('Y', 2, 3, NULL),
('Y', 5, 1, 5010),
('Y', 5, 2, 5000),
('Y', 5, 3, NULL),
('Y', 8, 1, 5040),
('Y', 8, 2, 5010),
('Y', 8, 3, 5030),
('Y', 14, 1, 5010),
('Y', 14, 2, NULL),
('Y', 14, 3, 5000),
('Y', 20, 1, 5010),
('Y', 20, 2, 5040),
('Y', 20, 3, 5000),
('Y', 23, 1, 5010),
('Y', 23, 2, NULL),
('Y', 23, 3, 5020),
('Y', 26, 1, 5040),
('Y', 26, 2, 5000),
('Y', 26, 3, 5000),
('Z', 2, 1, 5030),
('Z', 2, 2, NULL),
('Z', 2, 3, NULL),
('Z', 5, 1, 5030),
('Z', 5, 2, 5020),
('Z', 5, 3, NULL),
('Z', 14, 1, 5020),
('Z', 14, 2, 5000),
('Z', 14, 3, 5000),
('Z', 20, 1, 5030),
('Z', 20, 2, 5010),
('Z', 20, 3, 5000),
('Z', 23, 1, NULL),
('Z', 23, 2, 5030),
('Z', 23, 3, 5040),
('Z', 26, 1, 5010),
('Z', 26, 2, 5020),
('Z', 26, 3, NULL);
