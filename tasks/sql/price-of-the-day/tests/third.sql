CREATE TABLE products (
	sku TEXT PRIMARY KEY,
	name TEXT NOT NULL
);
CREATE TABLE prices (
	sku TEXT NOT NULL REFERENCES products (sku),
	valid_from TEXT NOT NULL, -- until the next price of the product
	cents INTEGER, -- NULL: from this day on there is no price
	PRIMARY KEY (sku, valid_from)
);
CREATE TABLE sales (
	id INTEGER PRIMARY KEY,
	sku TEXT NOT NULL REFERENCES products (sku),
	day TEXT NOT NULL,
	quantity INTEGER NOT NULL -- negative: brought back
);
INSERT INTO products VALUES
('x', 'X'),
('y', 'Y');
INSERT INTO prices VALUES
('x', '2024-03-01', 100),
('x', '2024-02-01', 250),
('x', '2024-04-01', NULL),
('x', '2024-05-01', 70);
INSERT INTO sales VALUES
(1, 'x', '2024-01-31', 1),
(2, 'x', '2024-02-01', 1),
(3, 'x', '2024-02-29', 2),
(4, 'x', '2024-03-01', 4),
(5, 'x', '2024-04-10', 8),
(6, 'x', '2024-05-01', 16),
(7, 'x', '2024-12-24', -1),
(8, 'y', '2024-12-24', -1);
