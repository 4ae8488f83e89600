PRAGMA foreign_keys = ON;
.print -- sound
SELECT count(*) FROM pragma_foreign_key_check;
SELECT name, [notnull], pk FROM pragma_table_info('order_items') ORDER BY name;
.print -- refused
INSERT INTO customers VALUES (100, 'b@x.example', 'again');
INSERT INTO customers VALUES (101, NULL, 'nobody');
INSERT INTO customers VALUES (102, 'new1@x.example', NULL);
INSERT INTO products VALUES ('K1', 1);
INSERT INTO products VALUES (NULL, 1);
INSERT INTO products VALUES ('N1', NULL);
INSERT INTO products VALUES ('N2', -1);
INSERT INTO orders VALUES ('a-1', 1, '2024-01-01');
INSERT INTO orders VALUES (NULL, 1, '2024-01-01');
INSERT INTO orders VALUES ('o1', 999, '2024-01-01');
INSERT INTO orders VALUES ('o2', NULL, '2024-01-01');
INSERT INTO orders VALUES ('o3', 1, NULL);
INSERT INTO order_items VALUES ('m-5', 'K3', 1, 110);
INSERT INTO order_items VALUES ('nope', 'K3', 1, 1);
INSERT INTO order_items VALUES ('m-5', 'nope', 1, 1);
INSERT INTO order_items VALUES ('m-5', 'K3', 0, 1);
INSERT INTO order_items VALUES ('m-5', 'K3', NULL, 1);
INSERT INTO order_items VALUES ('m-5', 'K3', 1, -1);
INSERT INTO order_items VALUES ('m-5', 'K3', 1, NULL);
INSERT INTO order_items VALUES (NULL, 'K3', 1, 1);
INSERT INTO order_items VALUES ('m-5', NULL, 1, 1);
DELETE FROM customers WHERE email = 'b@x.example';
DELETE FROM products WHERE sku = 'K3';
SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM products), (SELECT count(*) FROM orders), (SELECT count(*) FROM order_items);
.print -- accepted
INSERT INTO customers VALUES (200, 'fresh@x.example', 'Fresh');
INSERT INTO products VALUES ('FREE', 0);
INSERT INTO orders VALUES ('f-1', 200, '2024-05-31');
INSERT INTO order_items VALUES ('f-1', 'FREE', 1, 0), ('f-1', 'K1', 2, 70), ('f-1', 'K1', 2, 71);
SELECT * FROM sales_by_month WHERE month = '2024-05';
.print -- deleted with its order
DELETE FROM orders WHERE order_no = 'm-5';
SELECT count(*), sum(order_no = 'm-5') FROM order_items;
