BEGIN;
CREATE TABLE customers (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	city TEXT
);
CREATE TABLE orders (
	id INTEGER PRIMARY KEY,
	customer_id INTEGER NOT NULL REFERENCES customers (id),
	ordered_on TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('open', 'shipped', 'cancelled')),
	discount_percent INTEGER -- NULL: no discount
);
CREATE TABLE order_items (
	order_id INTEGER NOT NULL REFERENCES orders (id),
	position INTEGER NOT NULL,
	product TEXT NOT NULL,
	quantity INTEGER NOT NULL,
	unit_cents INTEGER NOT NULL,
	PRIMARY KEY (order_id, position)
);
CREATE TABLE payments (
	id INTEGER PRIMARY KEY,
	order_id INTEGER NOT NULL REFERENCES orders (id),
	paid_on TEXT NOT NULL,
	cents INTEGER NOT NULL -- negative: money given back
);
INSERT INTO customers VALUES
(5, 'Alpha', NULL),
(2, 'Beta', 'Eastport'),
(9, 'Beta', 'Westport'),
(7, 'Gamma', NULL),
(11, 'Delta', NULL),
(12, 'Epsilon', NULL),
(13, 'Zeta', NULL),
(14, 'Eta', NULL);
INSERT INTO orders VALUES
(1, 5, '2024-01-01', 'open', NULL),
(2, 5, '2024-01-02', 'shipped', 7),
(3, 2, '2024-01-03', 'cancelled', NULL),
(4, 9, '2024-01-04', 'shipped', 33),
(5, 7, '2024-01-05', 'open', NULL),
(6, 11, '2024-01-06', 'shipped', NULL),
(7, 12, '2024-01-07', 'open', 0),
(8, 9, '2024-01-08', 'shipped', 33),
(9, 2, '2024-01-09', 'open', NULL),
(10, 13, '2024-01-10', 'cancelled', 50),
(11, 12, '2024-01-10', 'open', 100);
INSERT INTO order_items VALUES
(1, 1, 'a', 3, 333),
(1, 2, 'b', 1, 1),
(2, 1, 'a', 1, 999),
(2, 2, 'a', 1, 999),
(3, 1, 'c', 1, 5000),
(4, 1, 'd', 1, 101),
(6, 1, 'e', 2, 50),
(7, 1, 'e', 1, 50),
(8, 1, 'd', 1, 101),
(9, 1, 'f', 1, 136),
(10, 1, 'g', 1, 700),
(11, 1, 'h', 9, 900);
INSERT INTO payments VALUES
(1, 1, '2024-01-02', 500),
(2, 1, '2024-01-03', 500),
(3, 2, '2024-01-03', 1),
(4, 3, '2024-01-04', 5000),
(5, 3, '2024-01-05', -5000),
(6, 6, '2024-01-06', 100),
(7, 7, '2024-01-08', 80),
(8, 7, '2024-01-09', -10),
(9, 10, '2024-01-10', 350);
COMMIT;
