CREATE TABLE learners (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL
);
CREATE TABLE lessons ( -- a row for each lesson that was done
	learner_id INTEGER NOT NULL REFERENCES learners (id),
	done_at TEXT NOT NULL, -- YYYY-MM-DD HH:MM
	minutes INTEGER NOT NULL
);
CREATE TABLE holidays (
	day TEXT PRIMARY KEY
);
INSERT INTO learners VALUES
(4, 'Zoe'),
(7, 'Yan'),
(9, 'Xu'),
(10, 'Wil');
INSERT INTO lessons VALUES
(4, '2024-02-28 09:00', 10),
(4, '2024-02-29 09:00', 4),
(4, '2024-02-29 21:00', 6),
(4, '2024-03-01 09:00', 9),
(4, '2024-03-01 10:00', 1),
(4, '2024-03-02 00:00', 9),
(7, '2024-06-05 12:00', 30),
(7, '2024-06-07 12:00', 30),
(7, '2024-06-06 12:00', 30),
(7, '2024-12-31 23:59', 10),
(7, '2025-01-01 00:00', 10),
(7, '2025-01-04 07:00', 10),
(10, '2024-06-06 08:00', 60);
INSERT INTO holidays VALUES
('2024-06-06'),
('2025-01-02'),
('2025-01-03'),
('2031-01-01');
