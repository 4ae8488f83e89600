#!/usr/bin/env bats
# box-image: tars and OCI layouts as folders.

load helper

setup() {
	common_setup
	need_box
	# Root's boxes are somebody else.
	SHOWN=$(mktemp -d /tmp/pipegym-image.XXXXXX)
	chmod 755 "$SHOWN"
	cd "$SHOWN" || return
}

teardown() {
	chmod -R u+rwX "$SHOWN"
	rm -rf "$SHOWN"
	common_teardown
}

# layout FOLDER: an OCI layout; each line of the input is a layer: JSON, an array of members as
# [name, type, content or target, mode], with its compression before it.
layout() {
	python3 - "$1" 3<&0 <<'END'
import gzip, hashlib, io, json, os, subprocess, sys, tarfile
folder = sys.argv[1]
os.makedirs(folder + "/blobs/sha256")
def blob(data):
    name = hashlib.sha256(data).hexdigest()
    with open(f"{folder}/blobs/sha256/{name}", "wb") as file:
        file.write(data)
    return {"digest": "sha256:" + name, "size": len(data)}
types = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE,
         "device": tarfile.CHRTYPE, "block": tarfile.BLKTYPE, "fifo": tarfile.FIFOTYPE}
layers = []
for line in os.fdopen(3):
    packing, members = line.split(" ", 1)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, kind, *rest in json.loads(members):
            info = tarfile.TarInfo(name)
            info.type, info.uid, info.gid, info.mtime = types[kind], 4, 5, 1000000000
            content = rest[0] if rest else ""
            info.mode = int(rest[1], 8) if len(rest) > 1 else 0o755 if kind == "folder" else 0o644
            if kind in ("link", "hard"):
                info.linkname = content
            elif kind in ("device", "block"):
                info.devmajor, info.devminor = map(int, content.split())
            elif kind == "file":
                info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()) if kind == "file" else None)
    data = raw.getvalue()
    if packing == "gzip":
        data = gzip.compress(data)
    if packing == "zstd":
        data = subprocess.run(["zstd", "-q"], input=data, stdout=subprocess.PIPE, check=True).stdout
    layers.append(blob(data))
manifest = blob(json.dumps({"schemaVersion": 2, "layers": layers}).encode())
with open(folder + "/index.json", "w") as file:
    json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)
END
	chmod -R go+rX "$1"
}

# All that is in a folder: name, kind, mode, target or content.
list() {
	(cd "$1" && find . -mindepth 1 \( -type f -printf '%P file %m ' -exec cat {} \; -printf '\n' -o -type l -printf '%P link %l\n' -o \
		-printf '%P %y %m\n' \) | LC_ALL=C sort)
}

# refuses STATUS TEXT ARGUMENT...: that status, a message with the text, and no folder.
refuses() {
	local expected=$1 text=$2
	shift 2
	separate timeout 60 box-image "$@" </dev/null
	echo "status $status, not $expected: $stderr"
	[[ $status == "$expected" && -z $output && $stderr == *"$text"* && ! -e ${*: -1} ]]
}

@test "layers in their order, whiteouts, links, every compression" {
	local zstd=zstd
	command -v zstd >/dev/null || zstd=gzip
	layout image <<END
gzip [["a", "folder"], ["a/gone", "file", "1"], ["a/kept", "file", "1"], ["a/back", "file", "1"], ["b", "folder"], ["b/old", "file", "1"], ["b/sub", "folder"], ["b/sub/x", "file", "1"], ["usr/lib", "folder"], ["lib", "link", "usr/lib"], ["usr/lib/x", "file", "1"], ["d/e", "folder"], ["d/e/f", "file", "1"], ["g", "file", "1"], ["h", "link", "a"], ["fixed", "folder", "", "555"], ["fixed/x", "file", "1"], ["fixed/y", "file", "1"], ["new\nline\\\\", "file", "1"], ["tree", "folder"], ["tree/x", "file", "1"]]
plain [["a/.wh.gone", "file"], ["a/.wh.back", "file"], ["b/.wh..wh.opq", "file"], ["b/new", "file", "2"], ["lib/y", "file", "2"], ["d", "file", "2"], ["g", "folder"], ["g/h", "file", "2"], ["h", "folder"], ["fixed/.wh.x", "file"], ["fixed/z", "file", "2"], [".wh.new\nline\\\\", "file"], [".wh.tree", "file"], [".wh..wh.plnk", "folder"], ["a/.wh.never", "file"]]
$zstd [["a/back", "file", "3"], ["hard", "hard", "a/kept"], ["./dot/x", "file", "3"]]
END
	separate box-image image base
	[[ $status == 0 && -z $output && -z $stderr ]]
	diff <(list base) - <<'END'
a d 755
a/back file 644 3
a/kept file 644 1
b d 755
b/new file 644 2
d file 644 2
dot d 755
dot/x file 644 3
fixed d 755
fixed/y file 644 1
fixed/z file 644 2
g d 755
g/h file 644 2
h d 755
hard file 644 1
lib link usr/lib
usr d 755
usr/lib d 755
usr/lib/x file 644 1
usr/lib/y file 644 2
END
	[[ base/hard -ef base/a/kept && $(stat -c %Y base/a/kept) == 1000000000 ]]
	[[ $(stat -c '%U %a' base) == "$(id -un) 755" && $(stat -c %U base/a/kept) == "$(id -un)" ]]
}

@test "no devices, no set-user-id; what its owner could not read can be read" {
	layout image <<'END'
plain [["dev", "folder"], ["dev/null", "device", "1 3"], ["dev/hidden", "device", "0 0"], ["dev/sda", "block", "8 0"], ["pipe", "fifo"], ["su", "file", "x", "4755"], ["sg", "file", "x", "2755"], ["secret", "file", "x", "000"], ["closed", "folder", "", "000"], ["closed/x", "file", "x"]]
END
	separate box-image image base
	[[ $status == 0 && -z $stderr ]]
	diff <(list base) - <<'END'
closed d 700
closed/x file 644 x
dev d 755
pipe p 644
secret file 600 x
sg file 755 x
su file 755 x
END
}

@test "a tar, compressed or on standard input" {
	mkdir root
	echo text >root/file
	tar -C root -c . >root.tar
	gzip -k root.tar
	box-image root.tar one
	box-image root.tar.gz two
	box-image - three <root.tar
	[[ $(<one/file) == text && $(<two/file) == text && $(<three/file) == text ]]
	head -c 3000000 /dev/urandom >root/large
	tar -C root -c . >large.tar
	refuses 3 'large.tar: it cannot be unpacked: more than --disk allows' --disk 2 large.tar four
	[[ $stderr == 'tar: '* && $stderr != *'does not look like'* ]]
}

@test "a base for boxes; from standard input only what is there is read" {
	mkdir -p root/bin
	cp "$(type -P cat)" root/bin/cat
	ldd root/bin/cat | grep -o '/[^ ]*' | while read -r library; do
		install -D "$library" "root$library"
	done
	tar -C root -czf root.tar.gz .
	{ box-image root.tar.gz base && cat; } <<<rest >left
	[[ $(<left) == rest ]]
	run -0 box-run --base base -- cat /etc/hostname
	[[ $output == box ]]
}

@test "hostile members reach nothing outside, in one layer or by many" {
	mkdir outside
	echo mine >outside/file
	chmod -R a+rwX outside
	local case number=0 before
	before=$(list outside)
	while read -r case; do
		((number += 1))
		tr '|' '\n' <<<"$case" | sed "s,OUT,$SHOWN/outside,g; s/^/plain /" | layout "image$number"
		run timeout 60 box-image "image$number" "base$number"
		echo "$case: $status $output"
		[[ $status == 0 || ($status == 3 && ! -e base$number) ]]
		[[ $(list outside) == "$before" ]]
		# A name may not lead upwards; an absolute one, or a link's, is one below the folder.
		[[ -z $(find . -maxdepth 2 -newer outside/file -name 'evil*') ]]
		if [[ $status == 0 && -e base$number ]]; then
			[[ -z $(find "base$number" -type f -links +1 -samefile outside/file) ]]
		fi
	done <<'END'
[["OUT/evil", "file", "x"]]
[["../outside/evil", "file", "x"], ["../evil", "file", "x"]]
[["a/../../outside/evil", "file", "x"]]
[["to", "link", "OUT"], ["to/evil", "file", "x"]]
[["to", "link", "../outside"], ["to/evil", "file", "x"]]
[["to", "link", "OUT"]]|[["to/evil", "file", "x"]]
[["to", "link", "../outside"]]|[["to/evil", "file", "x"], ["to/file", "file", "x"]]
[["to", "link", "../outside"]]|[["to/.wh.file", "file"], ["to/.wh..wh.opq", "file"]]
[["to", "link", "OUT"]]|[["to/.wh.file", "file"]]|[["to/.wh..wh.opq", "file"]]
[["to", "hard", "OUT/file"]]
[["to", "hard", "../outside/file"]]|[["to", "file", "x"]]
[["to", "link", "OUT/file"]]|[["to", "file", "x"]]
[["a", "folder"]]|[["a/.wh...", "file"], [".wh..", "file"], [".wh.", "file"], ["../.wh.outside", "file"]]
[["root", "link", "/"], ["errors", "link", "OUT/file"]]|[["x", "file", "x"]]
END
	[[ $number == 14 ]]
}

@test "what is no image: status 3 or 4, the reason, and no folder" {
	layout image <<<'plain [["a", "file", "1"]]'
	refuses 4 'none: No such file or directory' none base
	mkdir empty
	refuses 4 index.json empty base
	echo '{' >broken.tar
	refuses 3 'broken.tar: it cannot be unpacked' broken.tar base
	cp -r image damaged
	local layer
	layer=$(jq -r '.layers[0].digest[7:]' "damaged/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' damaged/index.json)")
	echo more >>"damaged/blobs/sha256/$layer"
	refuses 3 "layer $layer is not there or not what its name says" damaged base
	rm "damaged/blobs/sha256/$layer"
	refuses 3 "layer $layer is not there" damaged base
	jq -c '.manifests += .manifests' image/index.json >damaged/index.json
	refuses 3 'there is not one image' damaged base
	echo '{"manifests": [{"digest": "sha256:../../../etc/passwd"}]}' >damaged/index.json
	refuses 3 'there is not one image' damaged base
	echo '{"layers": []}' >damaged/index.json
	refuses 3 'has not 1 to' damaged base
	echo '{"layers": [{"digest": "sha256:x"}]}' >damaged/index.json
	refuses 3 'layer 1 has no sha256' damaged base
	refuses 2 'SOURCE and DIR are needed' none
	mkdir base
	touch base/mine
	separate box-image image base
	[[ $status == 4 && $stderr == 'box-image: base: File exists' && -e base/mine ]]
}

@test "an attestation beside the image is no second one; an index in an index is looked into" {
	layout image <<<'plain [["a", "file", "1"]]'
	local index name
	jq -c '.manifests += [{digest: "sha256:x", platform: {architecture: "unknown"}}]' image/index.json >index
	index=$(sha256sum <index)
	name=${index%% *}
	cp index "image/blobs/sha256/$name"
	echo "{\"manifests\": [{\"digest\": \"sha256:$name\"}]}" >image/index.json
	box-image image base
	[[ $(<base/a) == 1 ]]
}

@test "a signal, and nothing is left" {
	mkfifo pipe
	sleep 20 >pipe &
	local writer=$! status=0
	timeout -s INT 1 box-image - base <pipe || status=$?
	kill "$writer"
	[[ $status == 124 && ! -e base ]]
}
