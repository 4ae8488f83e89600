#!/bin/bash
# A web site whose rights have grown over years.
set -eu
mkdir site && cd site
mkdir -p pages/2024 tools 'upload/incoming' private/keys/old 'pages/private' closed/inner
echo '<h1>Home</h1>' > index.html
echo '<p>News</p>' > 'pages/2024/a new page.html'
printf '#!/bin/sh\necho built\n' > tools/build
printf '#!/bin/sh\necho done\n' > tools/done.txt
printf ' #!/bin/sh\nnot at the beginning\n' > tools/notes
echo secret > private/keys/site.key
printf '#!/bin/sh\necho rotate\n' > private/keys/rotate
echo old > private/keys/old/1.key
echo draft > pages/private/draft.html
echo picture > upload/incoming/cat.jpg
echo closed > closed/inner/page.html
: > tools/empty
echo outside > ../outside.txt
ln -s ../outside.txt link.html
ln -s ../../outside.txt private/link.key
chmod 600 ../outside.txt
chmod 666 index.html
chmod 640 'pages/2024/a new page.html'
chmod 644 tools/build
chmod 755 tools/done.txt
chmod 755 tools/notes
chmod 4755 tools/empty
chmod 644 private/keys/site.key
chmod 777 private/keys/rotate
chmod 600 private/keys/old/1.key
chmod 700 private
chmod 755 private/keys
chmod 2775 pages/2024
chmod 755 upload/incoming
chmod 664 upload/incoming/cat.jpg
chmod 600 closed/inner/page.html
chmod 2550 closed/inner
chmod 700 closed
