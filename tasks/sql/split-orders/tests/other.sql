BEGIN;
CREATE TABLE sales (line_no INTEGER PRIMARY KEY, order_no TEXT, order_date TEXT, customer_email TEXT, customer_name TEXT, items TEXT);
INSERT INTO sales VALUES
(10, 'z-9', '31.12.2023', 'Zed@X.example', 'Z old', 'K1*2@0.05;K1*3@0.05;K1*1@0.5'),
(20, 'a-1', '2024-01-01', ' zed@x.EXAMPLE ', ' Z new ', ' ; ;'),
(5, 'a-1', '01.01.2024', 'zed@x.example', 'Z wrong', 'K2*1@19.99'),
(30, 'm-5', '2024-02-29', 'b@x.example', 'B one', 'K3*4@1.1'),
(31, 'm-5', '29.02.2024', 'B@x.example', 'B two', 'K3*6@1.10 ; K3*1@1;K4*100@8.29'),
(2, 'm-4', '2024-03-01', 'c@x.example', 'C', 'K3*1@2.35;K3*1@2.34'),
(3, 'm-6', '01.02.2024', 'c@x.example', 'C before', 'K3*1@9.99;K2*7@20'),
(40, 'n-1', '2024-05-05', 'aa@x.example', 'Baker''s & co', ''),
(41, 'n-2', '2024-02-01', 'ab@x.example', 'tie one', 'K9*1@4.35'),
(42, 'n-3', '01.02.2024', 'ab@x.example', 'tie two', 'K9*1@4.6;K9*2@1.15;K9*3@0');
COMMIT;
