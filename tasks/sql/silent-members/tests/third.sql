CREATE TABLE members (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	left_on TEXT -- NULL: still a member
);
CREATE TABLE visits (
	id INTEGER PRIMARY KEY,
	member_id INTEGER REFERENCES members (id), -- NULL: a guest of the day
	day TEXT NOT NULL
);
INSERT INTO members VALUES
(3, 'Only One', NULL),
(8, 'Gone', '2024-01-01');
INSERT INTO visits VALUES
(1, 3, '2023-07-15');
