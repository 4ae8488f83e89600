CREATE TABLE contacts (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	phone TEXT -- NULL: not known
);
CREATE TABLE calls (
	id INTEGER PRIMARY KEY,
	contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	day TEXT NOT NULL,
	note TEXT NOT NULL
);
CREATE TABLE labels (
	contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	label TEXT NOT NULL,
	PRIMARY KEY (contact_id, label)
);
INSERT INTO contacts VALUES
(8, 'Nils Bay', 'nils.bay@post.example', '0267 7800'),
(27, 'JON MARSH', 'jon.marsh@post.example', NULL),
(16, 'Mia Wood', 'mia.wood@post.example ', NULL),
(13, 'Jon Marsh', 'jon.marsh@post.example', NULL),
(35, 'Kim Brook', 'kim.brook@post.example', '0582 7509'),
(10, 'Paul', 'Paul.Dale@Post.Example', '0968 2625'),
(29, 'Jon', 'JON.MARSH@POST.EXAMPLE', '0259 6259'),
(9, 'Olga Hill', 'olga.hill@post.example', '0476 3279'),
(28, 'Leo Ford', 'leo.ford@post.example', NULL),
(17, 'Paul Dale', 'paul.dale@post.example', NULL),
(25, 'Mia', ' mia.wood@post.example', '0921 2134'),
(14, 'Mia Wood', 'mia.wood@post.example', '0536 8644');
INSERT INTO calls VALUES
(1, 29, '2024-12-21', 'no answer'),
(2, 16, '2024-05-01', 'asked for an offer'),
(3, 17, '2024-07-18', 'no answer'),
(4, 17, '2024-03-10', 'asked for an offer'),
(5, 28, '2024-12-02', 'will call back'),
(6, 27, '2024-01-21', 'ordered'),
(7, 28, '2024-01-17', 'asked for an offer'),
(8, 13, '2024-03-23', 'wants the summer list'),
(9, 9, '2024-04-03', 'asked for an offer'),
(10, 29, '2024-04-09', 'wants the summer list'),
(11, 28, '2024-03-07', 'asked for an offer'),
(12, 29, '2024-03-28', 'asked for an offer'),
(13, 16, '2024-07-28', 'no answer'),
(14, 35, '2024-04-21', 'ordered'),
(15, 35, '2024-06-08', 'asked for an offer'),
(16, 14, '2024-02-26', 'ordered'),
(17, 10, '2024-06-08', 'wants the summer list'),
(18, 28, '2024-06-14', 'will call back'),
(19, 14, '2024-03-10', 'wants the summer list'),
(20, 16, '2024-02-14', 'asked for an offer'),
(21, 17, '2024-07-16', 'asked for an offer'),
(22, 16, '2024-06-13', 'no answer'),
(23, 13, '2024-03-12', 'ordered'),
(24, 25, '2024-07-21', 'ordered');
INSERT INTO labels VALUES
(27, 'press'),
(13, 'school'),
(35, 'press'),
(10, 'press'),
(10, 'donor'),
(17, 'choir'),
(17, 'school'),
(14, 'donor'),
(14, 'school'),
(16, 'donor'),
(16, 'choir'),
(29, 'school');
