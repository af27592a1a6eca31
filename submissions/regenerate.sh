#!/bin/sh
# Makes rows of a table again: denoise, score, submit. Rerun the same command to resume it.
#
#   submissions/regenerate.sh STORE FOLDER METHOD...
#
# STORE is the data set (tembench generate RECIPE --out STORE), whose recipe names the folder of the
# rows; FOLDER holds the outputs (1 GB per method), which are not needed afterwards. PART chooses
# another part than test: dev or movie, whose rows have folders of their own. Networks come with
# weights; to train one again, run `tembench train METHOD STORE --out FOLDER/weights/METHOD` first:
# those weights are then used. A METHOD such as unet-open:seed2 is a further training of unet-open,
# with the weights in FOLDER/weights/unet-open-seed2; it shares the row of unet-open. Slow methods
# run on the fixed subset of the test set. WORKERS sets the number of processes (2).
#
set -eu
if [ $# -lt 3 ]; then
    sed -n '2,14s/^# \{0,1\}//p' "$0"
    exit 2
fi
store=$1
folder=$2
shift 2
here=$(dirname "$0")
workers=${WORKERS:-2}
recipe=$(tembench info "$store" --json | sed -n 's/^  "name": "\(.*\)",$/\1/p')
rows=$here/$recipe
if [ "${PART:-test}" != test ]; then
    rows=$rows-$PART
fi
for name in "$@"; do
    method=${name%%:*}
    part=${PART:-test}
    case $part:$method in
        test:bm3d-native | test:wavelet-native | test:gaintuning | test:thinning-zero-shot)
            part=test-subset ;;
    esac
    entry=$method
    set --
    if [ "$name" != "$method" ]; then
        entry=$method-${name#*:}
        set -- --seed-of "$method"
    fi
    outputs=$folder/outputs/$recipe-$part/$entry
    trained=$folder/weights/$entry
    if [ -d "$trained" ]; then
        tembench denoise "$method" "$store" --out "$outputs" --part "$part" --workers "$workers" \
            --weights "$trained"
    elif [ "$entry" != "$method" ]; then
        echo "$name: no weights in $trained" >&2
        exit 1
    else
        tembench denoise "$method" "$store" --out "$outputs" --part "$part" --workers "$workers"
    fi
    tembench score "$outputs" "$store" --workers "$workers"
    tembench submit "$outputs" --name "$entry" --folder "$rows" --replace "$@"
done
