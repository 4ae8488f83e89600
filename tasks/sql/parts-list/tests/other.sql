CREATE TABLE parts (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	cents INTEGER -- a bought part: its price; an assembly: the work to put it together; NULL: not known
);
CREATE TABLE uses ( -- one assembly needs so many of the part
	assembly TEXT NOT NULL REFERENCES parts (id),
	part TEXT NOT NULL REFERENCES parts (id),
	quantity INTEGER NOT NULL CHECK (quantity > 0),
	PRIMARY KEY (assembly, part)
);
INSERT INTO parts VALUES
('a', 'Alpha', NULL),
('b', 'Beta', 10),
('c', 'Gamma', 0),
('d', 'Delta', NULL),
('e', 'Epsilon', 7),
('f', 'Zeta', 11),
('z', 'Lonely', 5),
('y', 'Alone', NULL),
('m', 'Mid', 1);
INSERT INTO uses VALUES
('a', 'b', 2),
('a', 'c', 3),
('b', 'e', 5),
('b', 'f', 1),
('c', 'e', 5),
('c', 'b', 2),
('m', 'c', 1),
('m', 'd', 1),
('a', 'e', 1);
