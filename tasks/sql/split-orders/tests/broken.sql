BEGIN;
CREATE TABLE sales (line_no INTEGER PRIMARY KEY, order_no TEXT, order_date TEXT, customer_email TEXT, customer_name TEXT, items TEXT);
INSERT INTO sales VALUES
(1, 'a', '2024-01-01', 'a@x.example', 'A', 'K1*1@1.00'),
(2, 'b', '2024-01-02', 'b@x.example', 'B', 'K1*0@1.00'),
(3, 'c', '2024-01-03', 'a@x.example', 'A', 'K2*1@1.00');
COMMIT;
