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
('n0', 'N0', 0),
('n1', 'N1', 1),
('n2', 'N2', 2),
('n3', 'N3', 3),
('n4', 'N4', 4),
('n5', 'N5', 5),
('n6', 'N6', 6),
('n7', 'N7', 7),
('n8', 'N8', 8),
('n9', 'N9', 9),
('n10', 'N10', 10),
('n11', 'N11', 11),
('top', 'Top', 1000),
('odd', 'Odd', NULL),
('q', 'Unknown', NULL);
INSERT INTO uses VALUES
('n0', 'n1', 2),
('n1', 'n2', 2),
('n2', 'n3', 2),
('n3', 'n4', 2),
('n4', 'n5', 2),
('n5', 'n6', 2),
('n6', 'n7', 2),
('n7', 'n8', 2),
('n8', 'n9', 2),
('n9', 'n10', 2),
('n10', 'n11', 2),
('top', 'n0', 1),
('top', 'n9', 3),
('odd', 'n11', 1),
('odd', 'q', 1);
