INSERT INTO contacts (id, name, email) SELECT 100001, 'again', upper(email) FROM contacts WHERE id = (SELECT min(id) FROM contacts);
INSERT INTO contacts (id, name, email) SELECT 100002, 'again', '  ' || email FROM contacts WHERE id = (SELECT max(id) FROM contacts);
INSERT INTO contacts (id, name, email) VALUES (100003, 'new', 'new@x.example');
SELECT '-- new', id FROM contacts WHERE id > 100000;
