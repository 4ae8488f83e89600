CREATE TABLE contacts (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	phone TEXT -- NULL: not known
);
CREATE TABLE calls (
	id INTEGER PRIMARY KEY,
	contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	day TEXT NOT NULL,
	note TEXT NOT NULL
);
CREATE TABLE labels (
	contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	label TEXT NOT NULL,
	PRIMARY KEY (contact_id, label)
);
INSERT INTO contacts VALUES
(5, 'E', 'e@x.example', NULL),
(2, 'B', 'E@X.example', NULL),
(9, 'C', ' e@x.EXAMPLE ', '1'),
(7, 'D', 'e@x.example', '2'),
(1, 'A', 'a@x.example', NULL);
INSERT INTO calls VALUES
(1, 9, '2024-01-01', 'x'),
(2, 1, '2024-01-01', 'it''s'),
(3, 5, '2024-02-01', 'y');
INSERT INTO labels VALUES
(2, 'l'),
(5, 'l'),
(9, 'l'),
(7, 'k'),
(1, 'l');
