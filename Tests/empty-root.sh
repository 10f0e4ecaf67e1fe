#!/usr/bin/env bash
# Unpacks what `make dist` made in a root that holds the C library alone, and works with the command there.
set -euo pipefail
archive=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
tar -xzf "$archive" -C "$root" --strip-components 1
for library in ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1 libutil.so.1 libresolv.so.2; do
    # All of the list is read: what stopped early would end ldconfig, and with pipefail this script.
    path=$(ldconfig -p | awk -v name="$library" '$1 == name && !found { found = $NF } END { print found }')
    if [ -n "$path" ]; then
        mkdir -p "$root$(dirname "$path")"
        cp "$path" "$root$path"
        [[ $library != ld-linux* ]] || { mkdir -p "$root/lib64"; cp -n "$path" "$root/lib64/"; }
    fi
done
mkdir "$root/tmp"
# Swift's run time finds the arguments by way of /proc. The environment inside is empty, so nothing is searched for.
PATH=$PATH:/usr/sbin:/sbin
mkdir "$root/proc"
chroot=$(command -v chroot)
if [ "$(id -u)" = 0 ] && mount -t proc proc "$root/proc"; then
    trap 'umount "$root/proc"; rm -rf "$root"' EXIT
    enter=("$chroot" "$root")
elif unshare --user --map-root-user --mount --pid --fork mount -t proc proc "$root/proc"; then
    enter=("$(command -v unshare)" --user --map-root-user --mount --pid --fork --mount-proc="$root/proc" "$chroot" "$root")
else
    echo "NOT CHECKED: this system allows no /proc in another root, so the packed command was not tried"
    exit 0
fi
# 127: it got inside, where no such program is.
env -i "${enter[@]}" /absent 2>/dev/null && status=0 || status=$?
if [ "$status" != 127 ]; then
    echo "NOT CHECKED: this system allows no other root, so the packed command was not tried"
    exit 0
fi
run() { env -i "${enter[@]}" /bin/tapestry "$@"; }
expect() { grep -qF -- "$1" "$root/tmp/output" || { echo "in an empty root: no “$1” in"; cat "$root/tmp/output"; exit 1; }; }
run info >"$root/tmp/output"
expect "embedding dimension"
run similarity "How do I bake bread?" "A recipe for a loaf." "How do I repair a bicycle?" >"$root/tmp/output"
expect "A recipe for a loaf."
run quickstart --epochs 0.2 --output /tmp/quickstart >"$root/tmp/output" 2>&1
expect "The paraphrase comes first"
run evaluate --model /tmp/absent --sts /tmp/absent.csv >"$root/tmp/output" 2>&1 && { echo "a missing model was not refused"; exit 1; }
expect "/tmp/absent"
rm -r "$root/share"
run info >"$root/tmp/output" 2>&1 && { echo "a missing built-in model was not refused"; exit 1; }
expect "share/tapestry/BuiltInModel"
echo "the packed command works in an empty root"
