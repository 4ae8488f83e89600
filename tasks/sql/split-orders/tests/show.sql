.print -- schema
SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' ORDER BY type, name;
.print -- customers
SELECT id, email, name FROM customers ORDER BY id;
.print -- products
SELECT sku, price_cents FROM products ORDER BY sku;
.print -- orders
SELECT order_no, customer_id, ordered_on FROM orders ORDER BY order_no;
.print -- order_items
SELECT order_no, sku, quantity, price_cents FROM order_items ORDER BY order_no, sku, price_cents;
.print -- sales_by_month
SELECT month, orders, revenue_cents FROM sales_by_month ORDER BY month;
