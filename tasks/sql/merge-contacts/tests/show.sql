SELECT '-- contacts';
SELECT id, name, email, phone FROM contacts ORDER BY id;
SELECT '-- calls';
SELECT id, contact_id, day, note FROM calls ORDER BY id;
SELECT '-- labels';
SELECT contact_id, label FROM labels ORDER BY contact_id, label;
SELECT '-- tables';
SELECT type, name FROM sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name;
SELECT '-- sound', count(*) FROM pragma_foreign_key_check;
