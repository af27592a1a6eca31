#!/bin/sh
# Makes rows of the table again: denoise, score, submit. Rerun the same command to resume it.
#
#   submissions/regenerate.sh STORE FOLDER METHOD...
#
# STORE is the benchmark (tembench generate ptceo2-18k --out STORE); FOLDER holds the outputs (1 GB per
# method), which are not needed afterwards. Networks come with weights; to train one again, run
# `tembench train METHOD STORE --out FOLDER/weights/METHOD` first: those weights are then used.
# Slow methods run on the fixed subset of the test set. WORKERS sets the number of processes (2).
#
set -eu
if [ $# -lt 3 ]; then
    sed -n '2,10s/^# \{0,1\}//p' "$0"
    exit 2
fi
store=$1
folder=$2
shift 2
here=$(dirname "$0")
workers=${WORKERS:-2}
for method in "$@"; do
    case $method in
        bm3d-native | wavelet-native | gaintuning | thinning-zero-shot) part=test-subset ;;
        *) part=test ;;
    esac
    outputs=$folder/outputs/$method
    trained=$folder/weights/$method
    if [ -d "$trained" ]; then
        set -- --weights "$trained"
    else
        set --
    fi
    tembench denoise "$method" "$store" --out "$outputs" --part $part --workers "$workers" "$@"
    tembench score "$outputs" "$store" --workers "$workers"
    tembench submit "$outputs" --name "$method" --folder "$here"
done
